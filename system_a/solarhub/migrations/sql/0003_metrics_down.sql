DROP TABLE custom_metrics;
