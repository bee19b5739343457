"""Pages of official sites, shortened: of a ministry, of a catalogue of documents, and of 2010."""

MINISTRY_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8">
<title>关于印发《中小微企业首次贷款贴息实施细则》的通知_政策文件_首都之窗</title>
<meta name="ArticleTitle" content="关于印发《中小微企业首次贷款贴息实施细则》的通知">
<meta name="PubDate" content="2025-02-21 10:30"><meta name="ContentSource" content="市经济和信息化局">
<meta name="Url" content="https://www.example.gov.cn/zhengce/t20250221_1.html">
</head><body>
<div class="header"><ul class="nav"><li><a href="/">首页</a></li><li><a href="/a">政务公开</a></li>
<li><a href="/b">政务服务</a></li><li><a href="/c">政民互动</a></li></ul></div>
<div class="crumb">您现在的位置：<a href="/">首页</a> &gt; <a href="/zc">政策文件</a></div>
<div class="doc-info"><ol>
<li><span>[主题分类]</span> 财政、金融、审计/其他</li><li><span>[发文机构]</span>市经济和信息化局</li>
<li><span>[发文字号]</span> 京经信发〔2025〕4号</li><li><span>[成文日期]</span> 2025-02-19</li>
<li><span>[发布日期]</span> 2025-02-21</li><li><span>[有效性]</span> 现行有效</li></ol></div>
<h1>关于印发《中小微企业首次贷款贴息实施细则》的通知</h1>
<div class="info"><span>日期：2025-02-21 10:30</span><span>来源：市经济和信息化局</span> 【字号：<a>大</a> <a>中</a> <a>小</a>】</div>
<div id="mainText" class="TRS_Editor"><p>各有关单位：</p>
<p>　　为深入贯彻落实支持中小微企业发展的决策部署，进一步缓解融资难、融资贵问题，现将细则印发给你们，请认真贯彻执行。</p>
<p><strong>第一章　总则</strong></p><p>　　第一条　为规范首次贷款贴息工作，制定本细则。</p>
<p><strong>第二章　支持标准</strong></p><p>　　第二条　按照下表给予贴息支持：</p>
<table border="1"><tr><td rowspan="2"><p>企业类型</p></td><td colspan="2"><p>支持标准</p></td></tr>
<tr><td>贴息比例</td><td>上限</td></tr><tr><td>一般企业</td><td>20%</td><td>实际放款的1%</td></tr>
<tr><td>创新型中小企业</td><td>40%</td><td>实际放款的2%</td></tr></table>
<p>　　第三条　本细则自发布之日起施行，有效期一年。</p></div>
<div class="related"><h3>相关解读</h3><ul><li><a href="/a">一图读懂：首贷贴息政策</a></li>
<li><a href="/b">问答：首贷贴息如何申请</a></li><li><a href="/d">专家谈首贷贴息政策</a></li></ul></div>
<div class="footer"><p>主办：市人民政府办公厅 政府网站标识码：1100000088 京公网安备 11010202000001</p></div>
</body></html>
"""

CATALOGUE_PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"/>
<title>关于进一步支持小微企业的若干意见_中小企业_政府网</title>
<link rel="canonical" href="https://www.example.gov.cn/content_1.htm"></head><body>
<div class="nav"><a>首页</a>|<a>新闻</a>|<a>政策</a></div>
<table><tbody><tr><td><b>标　　题：</b></td><td colspan="3">关于进一步支持小微企业的若干意见</td></tr>
<tr><td><b>发文机关：</b></td><td>国务院办公厅</td><td><b>发文字号：</b></td><td>国办发〔2024〕9号</td></tr>
<tr><td><b>索 引 号：</b></td><td>000014349/2024-00011</td><td><b>成文日期：</b></td><td>2024年02月20日</td></tr>
<tr><td>废止日期：</td><td></td><td>发布日期：</td><td>2024年03月01日</td></tr></tbody></table>
<table width="100%"><tr><td id="UCAP-CONTENT"><p align="center">国办发〔2024〕9号</p>
<p>各省、自治区、直辖市人民政府，国务院各部委、各直属机构：</p>
<p>　　小微企业是国民经济的生力军。为贯彻落实党中央、国务院决策部署，经国务院同意，现提出以下意见。</p>
<p><strong>　　一、加大财税支持力度</strong></p>
<p>　　（一）落实税收优惠。对小型微利企业减按25%计入应纳税所得额，按20%的税率缴纳企业所得税。</p>
<p>　　二、优化融资服务</p><p>　　银行要单列小微企业信贷计划，确保小微企业贷款增速不低于各项贷款增速。</p>
</td></tr></table></body></html>
"""

# Pages of 2010: tables lay them out, lines are broken by hand, GBK under the name of GB 2312.
OLD_PAGE = """<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<title>关于印发《促进高精尖产业发展实施细则》的通知 - 区人民政府</title></head><body>
<table width="1000"><tr><td width=200><table><tr><td><a href=a>信息公开</a></td></tr>
<tr><td><a href=b>办事服务</a></td></tr><tr><td><a href=c>互动交流</a></td></tr></table></td>
<td><table width="100%"><tr><td align=center><b>关于印发《促进高精尖产业发展实施细则》的通知</b></td></tr>
<tr><td>发布时间：2019-06-12&nbsp;&nbsp;信息来源：区经济和信息化局&nbsp;&nbsp;浏览次数：1234</td></tr>
<tr><td><div id=zoom>各乡镇、街道办事处，各委办局：<br>&nbsp;&nbsp;&nbsp;&nbsp;为加快构建高精尖经济结构，推动高质量发展，根据《加快科技创新发展新一代信息技术等十<br>个高精尖产业的指导意见》，制定本细则。现印发给你们，请遵照执行。<br><br>
&nbsp;&nbsp;&nbsp;&nbsp;一、支持对象<br>&nbsp;&nbsp;&nbsp;&nbsp;在本区登记注册、具有独立法人资格的企业。朱镕基<br>
&nbsp;&nbsp;&nbsp;&nbsp;二、支持标准<br>&nbsp;&nbsp;&nbsp;&nbsp;对新认定的国家高新技术企业一次性给予20万元奖励。<br>
</div></td></tr></table></td></tr>
<tr><td colspan=2>主办单位：区人民政府 备案号：京ICP备05038519号</td></tr></table></body></html>
""".encode("gb18030")
