using System.Globalization;
using Orleans.Runtime;

namespace Orleans;

public static class GrainExtensions
{
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        null => throw new ArgumentNullException(nameof(grain)),
        GrainProxy proxy => proxy.Id,
        IGrainBase { GrainContext: { } context } => context.GrainId,
        _ => throw new ArgumentException($"GetGrainId has been called on an unexpected type: {grain.GetType().FullName}.", nameof(grain)),
    };

    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => grain switch
    {
        null => throw new ArgumentNullException(nameof(grain)),
        TGrainInterface already when grain is GrainProxy => already,
        GrainProxy proxy => (TGrainInterface)(object)proxy.Class.Reference(typeof(TGrainInterface), proxy.Id.Key),
        IGrainBase { GrainContext: Activation own } => (TGrainInterface)(object)own.Class.Reference(typeof(TGrainInterface), own.GrainId.Key),
        _ => throw new ArgumentException($"AsReference has been called on an unexpected type: {grain.GetType().FullName}.", nameof(grain)),
    };

    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

    public static Guid GetPrimaryKey(this IAddressable grain)
    {
        var id = grain.GetGrainId();
        return Guid.TryParseExact(id.Key.ToString(), "N", out var key)
            ? key
            : throw new InvalidOperationException($"Unable to extract GUID key from grain id {id}");
    }

    public static long GetPrimaryKeyLong(this IAddressable grain)
    {
        var id = grain.GetGrainId();
        return long.TryParse(id.Key.ToString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var key)
            ? key
            : throw new InvalidOperationException($"Unable to extract integer key from grain id {id}");
    }
}
