"""What tests of imports and versions share: a document whose facts must be extracted, and looks at what is there."""

from pathlib import Path

from core.db import reading
from knowledge import revision, service, versions
from knowledge.catalogue import Report
from knowledge.models import Policy

TITLE, ID = "中小企业服务券管理办法", "中小企业服务券管理办法-2024-03-01"
ARTICLES = (
    "为支持中小企业使用专业服务,制定本办法。",
    "本办法所称服务券由区经济和信息化局发放给本区中小企业使用。",
    "服务券按照合同金额的30%给予补贴,每家企业每年不超过{most}万元。",
    "企业应当通过平台提交申请,并附上合同、发票和付款凭证。",
    "区经济和信息化局在十个工作日内完成审核,并将结果告知企业。",
)


def write_document(folder: Path, name: str = "券.md", year: int = 2024, most: int = 20, more: str = "") -> Path:
    """A document as an office publishes it; what it is must be extracted."""
    articles = (*ARTICLES, more) if more else ARTICLES
    lines = [f"第{number}条 {text.format(most=most)}" for number, text in zip("一二三四五六", articles, strict=False)]
    text = "\n\n".join([f"# {TITLE}", *lines, "通州区经济和信息化局", f"{year}年3月1日"])
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def told(question: str = "补贴奖励多少") -> dict[str, str]:
    """The passage that a search shows, by policy."""
    return {source.policy_id: source.passage for source in service.search(question)}


def states(policy_id: str) -> list[str]:
    return [version.state.value for version in versions.history(policy_id)]


def policy(policy_id: str) -> Policy:
    with reading() as session:
        return session.get_one(Policy, policy_id)


def number() -> int:
    with reading() as session:
        return revision.latest(session)


def outcome(report: Report) -> dict[str, list[str]]:
    assert report.errors == []
    return {outcome.value: ids for outcome, ids in report.outcomes.items() if ids}
