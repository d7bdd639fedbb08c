using Broadcast.Device;
using Broadcast.Hostile.Tests.Fuzzing;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>Orders of a fuzz: with fields at and beyond their edges, or proper ones.</summary>
internal static class Orders
{
    private static readonly string[] Texts = ["", "a", "暴雨红色预警。\n请立即转移😀", new('水', 500), new('水', 501), new('x', 1_501), "\u0000", "\u0085", "\uD800"];

    public static Order Edgy(Dice dice)
    {
        var order = Proper(dice, 1_795_000_000_000);
        for (var changes = dice.Below(4); changes > 0; changes--) Spoil(order, dice);
        return order;
    }

    public static Order Proper(Dice dice, long nowMs) => new()
    {
        WarningId = [.. new byte[15], (byte)dice.Below(40)], Revision = dice.Below(4), Kind = (OrderKind)dice.Below(3), Class = (WarningClass)dice.Below(7), Level = (WarningLevel)dice.Below(5),
        Issuer = (RegionLevel)dice.Below(6), Event = "11B03", Sequence = nowMs + dice.Below(100_000) - 50_000, NotBeforeMs = nowMs - 1_000, ExpiresMs = nowMs + 1_000 + dice.Below(3_600_000),
        Text = "请立即转移", Repetitions = 1 + dice.Below(3), Volume = 80, ToneMs = 500, Siren = dice.OneIn(4),
    };

    private static void Spoil(Order order, Dice dice)
    {
        switch (dice.Below(14))
        {
            case 0: order.WarningId = dice.Bytes(dice.Below(20)); break;
            case 1: order.Revision = dice.EdgeInt(); break;
            case 2: order.Kind = (OrderKind)dice.Below(256); break;
            case 3: order.Class = (WarningClass)dice.Below(256); break;
            case 4: order.Level = (WarningLevel)dice.Below(256); break;
            case 5: order.Issuer = (RegionLevel)dice.Below(256); break;
            case 6: order.Event = dice.Of(Texts); break;
            case 7: order.Sequence = dice.Edge(); break;
            case 8: order.NotBeforeMs = dice.Edge(); break;
            case 9: order.ExpiresMs = dice.Edge(); break;
            case 10: order.Language = dice.Of(["", "en", "zh-Hans-CN-x-toolong", "zh\u0001"]); break;
            case 11: order.Text = dice.Of(Texts); break;
            case 12: (order.Repetitions, order.Volume) = (dice.EdgeInt(), dice.EdgeInt()); break;
            default: order.ToneMs = dice.EdgeInt(); break;
        }
    }
}
