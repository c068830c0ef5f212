"""The cloud's regions, and those where FaceFusion is offered.

The cloud's list is documented; which of them the product has is inferred.
"""

SUPPORTED = frozenset(
    {
        "ap-beijing",
        "ap-chengdu",
        "ap-chongqing",
        "ap-guangzhou",
        "ap-hongkong",
        "ap-nanjing",
        "ap-shanghai",
        "ap-singapore",
    }
)

KNOWN = SUPPORTED | {
    "ap-bangkok",
    "ap-beijing-fsi",
    "ap-guangzhou-open",
    "ap-jakarta",
    "ap-mumbai",
    "ap-seoul",
    "ap-shanghai-adc",
    "ap-shanghai-fsi",
    "ap-shenyang-ec",
    "ap-shenzhen",
    "ap-shenzhen-fsi",
    "ap-taipei",
    "ap-tianjin",
    "ap-tokyo",
    "eu-frankfurt",
    "eu-moscow",
    "na-ashburn",
    "na-siliconvalley",
    "na-toronto",
    "sa-saopaulo",
}
