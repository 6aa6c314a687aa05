"""What a percentage is of: 国家基础标准的50%, 当地低保标准的1.3倍."""

import re

from bpsgraph.ingest.names import Names, folded
from bpsgraph.ingest.patterns import Pattern
from bpsgraph.ingest.unreadable import Unreadable
from bpsgraph.terms import BPS

STATE, OWN = BPS + "state", BPS + "own"
_GENERIC = Pattern(
    "国家|中央|全国|统一|规定|确定|制定|公布|现行|同期|当年|上年度?|当地|本地|本[省市县区]|我[省市县区]|该|其|基础|基本|最低|原则上"
    "|补助|补贴|资助|保障|生活|按照?|以|为|的|之|每[生人]|每[年月]|标准|定额|基数|水平|不低于|达到"
)


def base_of(base: str, names: Names) -> tuple[str, str | None]:
    """Whose figure a percentage is of, and of which measure where the text names one."""
    owner = STATE if re.search("国家|中央|全国", base) else OWN
    if owner == OWN and re.search("省|自治区", base) and not re.search("[本我]省", base):
        raise Unreadable("unreadable-value", "写国家标准的百分之几，或本地标准的百分之几")
    key = folded(base)
    measures = names.bearing("measure")
    best = max((name for name in measures if len(name) > 2 and name in key), key=len, default=None)
    if best is not None and len(measures[best]) == 1:
        return owner, next(iter(measures[best]))
    if _GENERIC.sub("", base):
        raise Unreadable("unknown-measure", "写明基数是哪个指标，如“国家基础标准的50%”“当地低保标准的30%”")
    return owner, None
