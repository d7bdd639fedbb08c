using System.Globalization;
using Broadcast.Link.Update;

namespace Broadcast.Edge.Update;

/// <summary>Where this gateway is with the newest wish, kept over power cuts.</summary>
internal sealed class UpdateRecord(string file)
{
    private const int WhyCharsMax = 200;

    private UpdateRecord(string file, int revision, string package, UpdateStage stage, string why) : this(file) =>
        (Revision, Package, Stage, Why) = (revision, package, stage, why);

    public int Revision { get; private set; }

    public string Package { get; private set; } = "";

    public UpdateStage Stage { get; private set; }

    public string Why { get; private set; } = "";

    /// <summary>Nothing more is done for this revision.</summary>
    public bool IsOver => Stage is UpdateStage.Installed or UpdateStage.Refused or UpdateStage.RolledBack;

    public static UpdateRecord Open(string file)
    {
        if (SmallFile.Read(file) is not { } values) return new UpdateRecord(file);
        var (package, why) = (values.GetValueOrDefault("package", ""), Fit(values.GetValueOrDefault("why", "")));
        // Damaged it counts as none, and the cloud says again what it wants.
        return int.TryParse(values.GetValueOrDefault("revision"), NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            && Enum.TryParse<UpdateStage>(values.GetValueOrDefault("stage"), out var stage) && Enum.IsDefined(stage) && UpdateJudge.IsHash(package)
            ? new UpdateRecord(file, revision, package, stage, why) : new UpdateRecord(file);
    }

    /// <summary>As far as the disk takes it.</summary>
    public void Set(int revision, string package, UpdateStage stage, string why = "")
    {
        why = Fit(why);
        if ((Revision, Package, Stage, Why) == (revision, package, stage, why)) return;
        (Revision, Package, Stage, Why) = (revision, package, stage, why);
        try
        {
            SmallFile.Write(file, ("revision", revision.ToString(CultureInfo.InvariantCulture)), ("package", package), ("stage", stage.ToString()), ("why", why));
        }
        catch (IOException)
        {
            return; // A full disk stops no update and no way back: after a restart the cloud says again what it wants.
        }
    }

    // What the cloud takes of a reason; with another it would refuse all that this gateway says of its program.
    private static string Fit(string why) => string.Concat(why.Take(WhyCharsMax).Select(c => char.IsControl(c) ? ' ' : c));

    public void Move(UpdateStage stage, string why = "") => Set(Revision, Package, stage, why);
}
