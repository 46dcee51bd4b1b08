DROP TABLE history_import_parts;

DROP TABLE history_imports;
