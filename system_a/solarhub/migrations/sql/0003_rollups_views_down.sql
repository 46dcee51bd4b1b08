DROP VIEW v_rollup_15m, v_rollup_hour, v_rollup_day, v_rollup_month, v_energy_day, v_energy_gap, v_energy_correction,
    v_site_energy_day;

DROP FUNCTION rollup_marks(integer);
