using System.Text;
using System.Text.Json.Nodes;

namespace Broadcast.Hostile.Tests.Fuzzing;

/// <summary>Damage to a JSON document by its structure: values that no field expects, members gone, doubled or moved; now and then to its bytes.</summary>
internal static class JsonMutation
{
    private const string LoneSurrogate = "@lone@"; // Written in after serializing: no serializer would let it through.

    private static readonly string[] Hostile =
    [
        "null", "true", "false", "0", "-1", "1", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "1e308", "-1e308", "1e400", "0.1", "1e-320", "180", "-180.0000001", "90",
        "\"\"", "\" \"", "\"a\"", "\"\\u0000\"", "\"@lone@\"", "\"NaN\"", "\"Infinity\"", "\"0\"", "\"red\"", "\"actual,test\"", "\"../../x\"", "\"%00\"", "\"'; --\"",
        "\"9999-12-31T23:59:59.9999999Z\"", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59-14:00\"", "\"0001-01-01T00:00:00+14:00\"", "\"2026-02-30T00:00:00Z\"", "\"421202100000\"", "\"township\"", "\"\\uD83D\\uDE00\"",
        "[]", "{}", "[null]", "[[]]", "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", "[0,0]", "[114.3,29.8]", "{\"code\":\"421202100000\",\"level\":\"township\"}", "{\"longitude\":114.3,\"latitude\":29.8,\"radiusKm\":5}",
    ];

    public static byte[] Of(string good, Dice dice)
    {
        var root = JsonNode.Parse(good)!;
        for (var changes = 1 + dice.Below(3); changes > 0; changes--) Change(ref root, dice);
        var text = (root?.ToJsonString() ?? "null").Replace(LoneSurrogate, dice.OneIn(2) ? "\\uD800" : "\\uDC00x", StringComparison.Ordinal);
        return dice.OneIn(5) ? ByteMutation.Of(text, dice) : Encoding.UTF8.GetBytes(text);
    }

    private static void Change(ref JsonNode? root, Dice dice)
    {
        var places = new List<(JsonNode Parent, string? Name, int At)>();
        Collect(root, places);
        if (places.Count == 0 || dice.OneIn(200))
        {
            root = Value(dice);
            return;
        }

        var (parent, name, at) = dice.Of(places);
        if (parent is JsonObject members) ChangeMember(members, name!, dice);
        else ChangeItem((JsonArray)parent, at, dice);
    }

    private static void ChangeMember(JsonObject members, string name, Dice dice)
    {
        switch (dice.Below(6))
        {
            case 0: members.Remove(name); break;
            case 1: members[name.ToUpperInvariant()] = Value(dice); break;
            case 2: members[dice.Of(["x", "", "level", "code", "\u0000"])] = Value(dice); break;
            default: members[name] = Value(dice); break;
        }
    }

    private static void ChangeItem(JsonArray items, int at, Dice dice)
    {
        switch (dice.Below(5))
        {
            case 0: items.RemoveAt(at); break;
            case 1: items.Add(items[at]?.DeepClone()); break;
            case 2: for (var n = dice.Below(300); n > 0; n--) items.Add(items[at]?.DeepClone()); break;
            default: items[at] = Value(dice); break;
        }
    }

    private static JsonNode? Value(Dice dice) => dice.Below(20) switch
    {
        0 => JsonValue.Create(new string(dice.Of(['a', '山', '\n', '"']), dice.Of([17, 33, 129, 501, 2_000]))),
        1 => JsonValue.Create(dice.Edge()),
        2 => JsonValue.Create(BitConverter.UInt64BitsToDouble(dice.Bits()) is var d && double.IsFinite(d) ? d : 0),
        _ => JsonNode.Parse(dice.Of(Hostile)),
    };

    private static void Collect(JsonNode? node, List<(JsonNode, string?, int)> places)
    {
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members)
            {
                places.Add((members, name, 0));
                Collect(value, places);
            }
        }
        else if (node is JsonArray items)
        {
            for (var i = 0; i < items.Count && places.Count < 500; i++)
            {
                places.Add((items, null, i));
                Collect(items[i], places);
            }
        }
    }
}
