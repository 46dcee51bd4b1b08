-- One action moves a plant with its devices, its alerts and the rules that watch it. It runs as the owner, who stands
-- under forced row-level security like everybody: the caller must stand in both organizations. Raw samples follow by
-- the worker, day by day. A rule for all plants is copied for this one, so that it stays watched and its past keeps its
-- reasons.

CREATE FUNCTION hand_over_site(moved uuid, receiver uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    giver uuid;
    rule record;
    copied uuid;
    devices_moved uuid[];
    targets text[];
BEGIN
    SELECT organization_id INTO STRICT giver FROM public.sites WHERE id = moved FOR UPDATE;
    SELECT coalesce(array_agg(id), '{}') INTO devices_moved FROM public.devices WHERE site_id = moved;
    SELECT array_agg('device:' || id) || ('site:' || moved) INTO targets FROM pg_catalog.unnest(devices_moved) AS id;
    SET CONSTRAINTS ALL DEFERRED;
    UPDATE public.sites SET organization_id = receiver WHERE id = moved;
    FOR rule IN
        SELECT * FROM public.alert_rules AS r
        WHERE r.organization_id = giver AND r.site_id IS NULL
          AND (r.removed_at IS NULL
               OR EXISTS (SELECT FROM public.alert_episodes AS e WHERE e.rule_id = r.id AND e.target = ANY (targets)))
    LOOP
        copied := pg_catalog.gen_random_uuid();
        INSERT INTO public.alert_rules (id, organization_id, site_id, name, description, condition, severity, channels,
                                        is_active, cooldown_minutes, auto_resolve, removed_at)
        VALUES (copied, receiver, moved, rule.name, rule.description, rule.condition, rule.severity, rule.channels,
                rule.is_active, rule.cooldown_minutes, rule.auto_resolve, rule.removed_at);
        UPDATE public.alerts SET rule_id = copied WHERE rule_id = rule.id AND site_id = moved;
        UPDATE public.alert_episodes SET rule_id = copied WHERE rule_id = rule.id AND target = ANY (targets);
        UPDATE public.alert_rule_states SET rule_id = copied, rule_version = 1
        WHERE rule_id = rule.id AND target = ANY (targets);
    END LOOP;
    UPDATE public.alert_rules SET organization_id = receiver WHERE organization_id = giver AND site_id = moved;
    -- one that stands elsewhere by now no longer says whose place it took
    UPDATE public.devices SET replaces = NULL
    WHERE (id = ANY (devices_moved)) <> (replaces = ANY (devices_moved)) AND organization_id = giver;
    UPDATE public.devices SET organization_id = receiver WHERE id = ANY (devices_moved);
    UPDATE public.device_tokens SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    UPDATE public.device_state SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    UPDATE public.telemetry_quarantine SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    UPDATE public.device_claims SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    UPDATE public.device_claim_requests SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    UPDATE public.alert_notes SET organization_id = receiver
    WHERE alert_id IN (SELECT alert_id FROM public.alert_episodes WHERE target = ANY (targets));
    UPDATE public.alert_announcements SET organization_id = receiver
    WHERE alert_id IN (SELECT alert_id FROM public.alert_episodes WHERE target = ANY (targets));
    UPDATE public.alerts SET organization_id = receiver WHERE site_id = moved;
    UPDATE public.alert_episodes SET organization_id = receiver WHERE organization_id = giver AND target = ANY (targets);
    UPDATE public.alert_rule_states SET organization_id = receiver
    WHERE organization_id = giver AND target = ANY (targets);
    UPDATE public.site_grants SET organization_id = receiver WHERE organization_id = giver AND site_id = moved;
END
$$;

REVOKE ALL ON FUNCTION hand_over_site(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION hand_over_site(uuid, uuid) TO solarhub_app;
