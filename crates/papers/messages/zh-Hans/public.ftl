## 公众页面用语。

public-title = 公众信息
