namespace Broadcast.Device;

/// <summary>Which of two orders goes first (R5): by class, then level, then issuer, then the newest.</summary>
public static class Priority
{
    /// <summary>Positive when <paramref name="a"/> goes before <paramref name="b"/>, negative when after, 0 only for the same sequence and rank.</summary>
    public static int Compare(Order a, Order b)
    {
        int byClass = ClassRank(b.Class) - ClassRank(a.Class);
        if (byClass != 0)
            return byClass;
        int byLevel = LevelRank(b.Level) - LevelRank(a.Level);
        if (byLevel != 0)
            return byLevel;
        int byIssuer = (int)b.Issuer - (int)a.Issuer;
        if (byIssuer != 0)
            return byIssuer;
        return a.Sequence > b.Sequence ? 1 : a.Sequence < b.Sequence ? -1 : 0;
    }

    private static int ClassRank(WarningClass c)
    {
        switch (c)
        {
            case WarningClass.Actual:
            case WarningClass.LocalAlarm:
                return 0;
            case WarningClass.Exercise:
                return 1;
            case WarningClass.Test:
            case WarningClass.SirenTest:
                return 2;
            case WarningClass.LiveSpeech:
                return 3;
            case WarningClass.LocalNotice:
                return 4;
            default:
                return 5;
        }
    }

    // No level is no warning of anything: below blue.
    private static int LevelRank(WarningLevel level) => level == WarningLevel.None ? (int)WarningLevel.Blue + 1 : (int)level;
}
