using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Simulation;

/// <summary>A small prefecture: two counties of one city, and people of every rank in it.</summary>
internal static class Places
{
    public static readonly Region City = Region.Create("421200000000", RegionLevel.City);

    public static readonly Region[] Counties = [Region.Create("421202000000", RegionLevel.County), Region.Create("421221000000", RegionLevel.County)];

    public static readonly Region[] Townships = [Region.Create("421202100000", RegionLevel.Township), Region.Create("421202101000", RegionLevel.Township), Region.Create("421221100000", RegionLevel.Township)];

    public static readonly Region[] Villages =
    [
        Region.Create("421202100001", RegionLevel.Village), Region.Create("421221100001", RegionLevel.Village), Region.Create("421202100002", RegionLevel.Village),
        Region.Create("421202101001", RegionLevel.Village), Region.Create("421221100002", RegionLevel.Village), Region.Create("421202100003", RegionLevel.Village),
    ];

    public static readonly Region[] Areas = [City, .. Counties, .. Townships, .. Villages];

    public static readonly Person[] People =
    [
        Of("city-writer", Duties.Operator, City), Of("city-approver", Duties.Approver, City), Of("city-both", Duties.Operator | Duties.Approver, City),
        Of("here-both", Duties.Operator | Duties.Approver, Counties[0]), Of("there-both", Duties.Operator | Duties.Approver, Counties[1]),
        Of("town-both", Duties.Operator | Duties.Approver, Townships[0]), Of("village-both", Duties.Operator | Duties.Approver, Villages[0]), Of("watcher", Duties.Monitor, City),
    ];

    private static Person Of(string id, Duties duties, Region region) => new(new PersonId(id), id, duties, region);
}
