using Broadcast.Device;

namespace Broadcast.Rules;

/// <summary>Who may do what (R7, R8): duty, rank and region of a person against the class, level and area of a warning. Pure; every door asks here.</summary>
public static class Authority
{
    /// <summary>The lowest rank that may speak in a class: emergencies and sirens belong to county bureaus and above; a village speaks to itself.</summary>
    public static RegionLevel LowestRank(WarningClass @class) => @class switch
    {
        WarningClass.Actual or WarningClass.Exercise or WarningClass.SirenTest => RegionLevel.County,
        WarningClass.Test or WarningClass.Programme or WarningClass.LocalNotice => RegionLevel.Village,
        WarningClass.LiveSpeech => RegionLevel.Township, // A voice over every village of an area is the township's and above.
        _ => RegionLevel.Nation, // A local alarm is a device's own; nobody releases one.
    };

    /// <summary>
    /// Whether a second person must approve. Everything that can frighten or drown out needs one, and so does an orange or red whatever
    /// its class (R8); a programme or a notice in one's own area does not.
    /// </summary>
    public static bool NeedsSecondPerson(WarningContent content) =>
        content.Class is WarningClass.Actual or WarningClass.Exercise or WarningClass.SirenTest or WarningClass.Test
        || content.Level is WarningLevel.Red or WarningLevel.Orange;

    /// <summary>Null where <paramref name="person"/> may do <paramref name="act"/> to <paramref name="warning"/>, whose targets lie in <paramref name="villages"/>.</summary>
    public static Problem? Check(Person person, WarningAct act, Warning warning, IEnumerable<Region> villages)
    {
        if (WarningLife.Find(warning.State, act) is not { } step)
            return new("state", "wrong-state", $"A warning that is {warning.State} cannot {act}.", $"当前状态（{warning.State}）不能执行 {act}。");
        if (step.Duty != Duties.None && (person.Duties & step.Duty) == 0)
            return new("person", "duty-missing", $"{person.Name} has no duty '{step.Duty}', which {act} needs.", $"{person.Name} 没有执行 {act} 所需的职责。");
        if (act == WarningAct.Approve && person.Id == warning.Author && NeedsSecondPerson(warning.Content))
            return new("person", "own-warning", "Nobody approves their own warning: another person with the approver's duty must.", "不能审批本人提交的预警，须由另一名审批人审批。");
        return CheckReach(person, warning.Content.Class, villages);
    }

    /// <summary>Null where rank and region of <paramref name="person"/> cover the class and every village.</summary>
    public static Problem? CheckReach(Person person, WarningClass @class, IEnumerable<Region> villages)
    {
        var lowest = LowestRank(@class);
        if (person.Region.Level > lowest)
            return new("class", "rank-too-low", $"'{@class}' needs rank {lowest} or above; {person.Name} has rank {person.Region.Level}.", $"发布该类别需要更高一级的权限（{lowest} 及以上）。");
        foreach (var village in villages)
        {
            if (!person.Region.Contains(village))
                return new("area", "outside-region", $"Village {village.Code} lies outside the region of {person.Name} ({person.Region}).", $"目标 {village.Code} 不在本人管辖范围（{person.Region}）内。");
        }

        return null;
    }
}
