"""SQL of layouts: which series the values of a row stand for. As the worker."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.kit.db import Session
from solarhub.telemetry.layout import Series, fingerprint


async def layout_ids(session: Session, wanted: Collection[tuple[int, Series]]) -> dict[tuple[int, Series], int]:
    """The layouts of these (organization_key, series), made where there is none yet."""
    by_hash = {(key, fingerprint(series)): (key, series) for key, series in sorted(wanted)}
    found = await _layouts(session, by_hash)
    missing = [by_hash[each] for each in by_hash if by_hash[each] not in found]
    for organization_key, series in missing:
        await session.execute(
            _NEW_LAYOUT, {"key": organization_key, "hash": fingerprint(series), "series": list(series)}
        )
    return found | (await _layouts(session, by_hash) if missing else {})


async def _layouts(
    session: Session, by_hash: Mapping[tuple[int, bytes], tuple[int, Series]]
) -> dict[tuple[int, Series], int]:
    if not by_hash:
        return {}
    keys, hashes = zip(*by_hash, strict=True)
    rows = await session.execute(_LAYOUTS, {"keys": list(keys), "hashes": list(hashes)})
    return {by_hash[key, bytes(digest)]: layout_id for layout_id, key, digest in rows}


_LAYOUTS = sa.text("""
select l.id, l.organization_key, l.series_sha256 from unnest(:keys, :hashes) as w (organization_key, series_sha256)
join telemetry_layouts l using (organization_key, series_sha256)
""").bindparams(sa.bindparam("keys", type_=ARRAY(sa.Integer)), sa.bindparam("hashes", type_=ARRAY(sa.LargeBinary)))
_NEW_LAYOUT = sa.text("""
insert into telemetry_layouts (organization_key, series_sha256, series) values (:key, :hash, :series)
on conflict (organization_key, series_sha256) do nothing
""").bindparams(sa.bindparam("series", type_=ARRAY(sa.Text)), sa.bindparam("hash", type_=sa.LargeBinary))
