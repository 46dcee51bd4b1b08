DROP TABLE evaluation_calls, evaluation_positions, evaluators;

DROP TRIGGER note_new ON alert_rules;

DROP TRIGGER note_edit ON alert_rules;

DROP TRIGGER note_removal ON alert_rules;

DROP TRIGGER note_edit ON devices;

DROP TRIGGER note_removal ON devices;

DROP TRIGGER note_edit ON sites;

DROP TRIGGER note_removal ON sites;

DROP FUNCTION note_edit();

DROP TABLE evaluation_edits;

DROP TRIGGER asks_anew ON alert_rules;

DROP FUNCTION rule_asks_anew();

ALTER TABLE alert_rules DROP COLUMN asks_since;
