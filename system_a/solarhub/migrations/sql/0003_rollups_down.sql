DROP TRIGGER rollups_follow ON sites;

DROP TRIGGER rollups_follow_clocks ON sites;

DROP TRIGGER rollups_follow ON devices;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['telemetry_layouts', 'sites', 'devices'] LOOP
        EXECUTE format('DROP POLICY reader ON %I', name);
        EXECUTE format('DROP POLICY reader_alone ON %I', name);
    END LOOP;
END
$$;

DROP TABLE rollup_quarters, rollup_hours, rollup_days, rollup_months, rollup_gaps, site_energy_days, rollup_todo,
    rollup_days_todo, rollup_months_todo, rollup_clocks_todo, energy_corrections;

DROP TABLE reader_roles;

DROP FUNCTION rollups_follow_site();

DROP FUNCTION rollups_follow_device();

DROP FUNCTION rollups_follow_clocks();

DROP FUNCTION rollup_shard(uuid);
