-- One action moves a plant with its devices, its alerts and the rules that watch it, and returns the keys under which
-- the devices' raw samples lie: those follow by the worker, day by day. It runs as the owner, who stands under forced
-- row-level security like everybody: the caller must stand in both organizations.
--
-- History stays where it happened. A rule for all plants is copied for this one, so that it stays watched and its past
-- keeps its reasons; a rule of this plant that once watched others leaves a removed copy behind. An alert of a device
-- that stands elsewhere by now keeps its words and forgets the device; an open one comes along with its device.

CREATE FUNCTION hand_over_site(moved uuid, receiver uuid) RETURNS integer[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    giver uuid;
    rule public.alert_rules;
    copied uuid;
    devices_moved uuid[];
    keys_moved integer[];
    rules_moved uuid[];
    alerts_moved uuid[];
    targets text[];
BEGIN
    -- whoever would add to what moves waits for the end, and is refused then
    SELECT organization_id INTO STRICT giver FROM public.sites WHERE id = moved FOR UPDATE;
    PERFORM FROM public.devices WHERE site_id = moved ORDER BY id FOR UPDATE;
    PERFORM FROM public.alert_rules WHERE site_id = moved ORDER BY id FOR UPDATE;
    SELECT coalesce(array_agg(id), '{}'), coalesce(array_agg(device_key ORDER BY device_key), '{}')
    INTO devices_moved, keys_moved FROM public.devices WHERE site_id = moved;
    SELECT array_agg('device:' || id) || ('site:' || moved) INTO targets FROM pg_catalog.unnest(devices_moved) AS id;
    SET CONSTRAINTS ALL DEFERRED;
    UPDATE public.alerts SET site_id = moved
    WHERE organization_id = giver AND device_id = ANY (devices_moved) AND site_id <> moved
      AND status IN ('active', 'acknowledged')
      AND rule_id IN (SELECT id FROM public.alert_rules WHERE organization_id = giver AND site_id IS NULL);
    UPDATE public.alerts SET device_id = NULL
    WHERE organization_id = giver AND site_id = moved AND device_id <> ALL (devices_moved);
    UPDATE public.alerts SET device_id = NULL
    WHERE organization_id = giver AND site_id <> moved AND device_id = ANY (devices_moved);
    FOR rule IN
        SELECT * FROM public.alert_rules AS r
        WHERE r.organization_id = giver AND r.site_id = moved
          AND EXISTS (SELECT FROM public.alerts AS a WHERE a.rule_id = r.id AND a.site_id <> moved)
    LOOP
        copied := pg_catalog.gen_random_uuid();
        INSERT INTO public.alert_rules (id, organization_id, site_id, name, description, condition, severity, channels,
                                        is_active, cooldown_minutes, auto_resolve, removed_at, created_at)
        VALUES (copied, giver, NULL, rule.name, rule.description, rule.condition, rule.severity, rule.channels,
                false, rule.cooldown_minutes, rule.auto_resolve, coalesce(rule.removed_at, now()), rule.created_at);
        UPDATE public.alert_episodes SET rule_id = copied
        WHERE alert_id IN (SELECT id FROM public.alerts WHERE rule_id = rule.id AND site_id <> moved);
        UPDATE public.alerts SET rule_id = copied WHERE rule_id = rule.id AND site_id <> moved;
    END LOOP;
    UPDATE public.sites SET organization_id = receiver WHERE id = moved;
    UPDATE public.alert_rules SET organization_id = receiver WHERE organization_id = giver AND site_id = moved;
    -- moving a rule counted its version up, and asks nothing else than before
    UPDATE public.alert_rule_states AS s
    SET organization_id = receiver,
        rule_version = CASE WHEN s.rule_version = r.version - 1 THEN r.version ELSE s.rule_version END
    FROM public.alert_rules AS r
    WHERE r.id = s.rule_id AND r.organization_id = receiver AND r.site_id = moved AND s.target = ANY (targets);
    FOR rule IN
        SELECT * FROM public.alert_rules AS r
        WHERE r.organization_id = giver
          AND (r.site_id IS NULL AND r.removed_at IS NULL
               OR EXISTS (SELECT FROM public.alerts AS a WHERE a.rule_id = r.id AND a.site_id = moved))
    LOOP
        copied := pg_catalog.gen_random_uuid();
        INSERT INTO public.alert_rules (id, organization_id, site_id, name, description, condition, severity, channels,
                                        is_active, cooldown_minutes, auto_resolve, removed_at, created_at)
        VALUES (copied, receiver, moved, rule.name, rule.description, rule.condition, rule.severity, rule.channels,
                rule.is_active, rule.cooldown_minutes, rule.auto_resolve,
                -- one that watches another plant by now has only its past here
                CASE WHEN rule.site_id IS NULL THEN rule.removed_at ELSE coalesce(rule.removed_at, now()) END,
                rule.created_at);
        UPDATE public.alert_episodes SET rule_id = copied
        WHERE alert_id IN (SELECT id FROM public.alerts WHERE rule_id = rule.id AND site_id = moved);
        UPDATE public.alerts SET rule_id = copied WHERE rule_id = rule.id AND site_id = moved;
        UPDATE public.alert_rule_states
        SET rule_id = copied, organization_id = receiver,
            rule_version = CASE WHEN rule_version = rule.version THEN 1 ELSE 0 END
        WHERE rule_id = rule.id AND target = ANY (targets) AND rule.site_id IS NULL;
    END LOOP;
    SELECT coalesce(array_agg(id), '{}') INTO rules_moved
    FROM public.alert_rules WHERE organization_id = receiver AND site_id = moved;
    -- where a rule stood on a device that it does not watch any more
    DELETE FROM public.alert_rule_states
    WHERE organization_id = giver AND (device_id = ANY (devices_moved) OR rule_id = ANY (rules_moved));
    -- one that stands elsewhere by now no longer says whose place it took
    UPDATE public.devices SET replaces = NULL
    WHERE (id = ANY (devices_moved)) <> (replaces = ANY (devices_moved)) AND organization_id = giver;
    UPDATE public.devices SET organization_id = receiver WHERE id = ANY (devices_moved);
    UPDATE public.device_tokens SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    UPDATE public.device_state SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    UPDATE public.telemetry_quarantine SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    UPDATE public.device_claims SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    UPDATE public.device_claim_requests SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    SELECT coalesce(array_agg(alert_id), '{}') INTO alerts_moved
    FROM public.alert_episodes WHERE organization_id = giver AND rule_id = ANY (rules_moved);
    UPDATE public.alert_notes SET organization_id = receiver WHERE alert_id = ANY (alerts_moved);
    UPDATE public.alert_announcements SET organization_id = receiver WHERE alert_id = ANY (alerts_moved);
    UPDATE public.alert_episodes SET organization_id = receiver WHERE alert_id = ANY (alerts_moved);
    UPDATE public.alerts SET organization_id = receiver WHERE organization_id = giver AND site_id = moved;
    -- what was lent to the receiver is its own now; whoever else saw the plant goes on to see it
    UPDATE public.site_grants SET removed_at = now()
    WHERE site_id = moved AND grantee_organization_id = receiver AND removed_at IS NULL;
    UPDATE public.site_grants SET organization_id = receiver WHERE organization_id = giver AND site_id = moved;
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN keys_moved;
END
$$;

REVOKE ALL ON FUNCTION hand_over_site(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION hand_over_site(uuid, uuid) TO solarhub_app;
