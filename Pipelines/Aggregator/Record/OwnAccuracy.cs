using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Learning;

namespace Aggregator;

internal readonly record struct ClassCount(long Windows, long Right);

/// <summary>A device's accuracy, with each window scored before it is learned from. <paramref name="Classes"/>: empty if there are
/// none.</summary>
internal sealed record OwnAccuracy(
    long Version, long Windows, double Loss, double NewestLoss, ImmutableArray<ClassCount> Classes, ImmutableArray<ClassCount> Newest)
{
    internal TimeSpan Running { get; init; }

    /// <summary>Blocks that delay others, longest first, with sanitized names.</summary>
    internal ImmutableArray<HoldUp> HeldUp { get; init; } = [];

    internal long Right => Classes.Sum(static c => c.Right);

    internal long NewestWindows => Newest.Sum(static c => c.Windows);

    internal long NewestRight => Newest.Sum(static c => c.Right);

    internal static OwnAccuracy Of(DeviceScore score) => new(score.ModelVersion, score.Rows, score.Loss, score.NewestLoss,
        ByClass(score.Confusion, score.Classes), ByClass(score.Newest, score.Classes))
    {
        Running = score.Running,
        HeldUp = [.. score.HeldUp.Select(static h => h with { Block = ShownText.Of(h.Block) })],
    };

    internal static OwnAccuracy State(ref StateStream s, OwnAccuracy? of)
    {
        of ??= new(0, 0, 0, 0, [], []);
        return new(s.Value(of.Version), s.Value(of.Windows), s.Value(of.Loss), s.Value(of.NewestLoss),
            Counts(ref s, of.Classes), Counts(ref s, of.Newest))
        {
            Running = new(s.Value(of.Running.Ticks)),
            HeldUp = s.Items(of.HeldUp, DeviceScore.MaxHeldUp, static (ref StateStream s, ref HoldUp held) =>
                held = new(s.Value(held.Block ?? ""), new(s.Value(held.Time.Ticks)))),
        };
    }

    private static ImmutableArray<ClassCount> Counts(ref StateStream s, ImmutableArray<ClassCount> counts) =>
        s.Items(counts, DeviceScore.MaxClasses, static (ref StateStream s, ref ClassCount count) =>
            count = new(s.Value(count.Windows), s.Value(count.Right)));

    private static ImmutableArray<ClassCount> ByClass(ImmutableArray<long> counts, int classes) =>
        [.. Enumerable.Range(0, classes).Select(c =>
            new ClassCount(Enumerable.Range(0, classes).Sum(a => counts[(c * classes) + a]), counts[(c * classes) + c]))];
}

internal sealed record FleetAccuracy(
    int Devices, long Windows, long Newest, long NewestRight, double NewestLoss, ImmutableArray<ClassCount> Classes)
{
    private const long FewWindows = 20;
    private const int MaxNamed = 3;

    internal long Right => Classes.Sum(static c => c.Right);

    /// <summary>The accuracy on the newest windows; NaN without classes.</summary>
    internal double NewestAccuracy => Newest == 0 ? double.NaN : (double)NewestRight / Newest;

    internal static FleetAccuracy? Of(IReadOnlyList<OwnAccuracy> devices)
    {
        if (devices.Count == 0) { return null; }
        var (windows, newest) = (devices.Sum(static d => d.Windows), devices.Sum(static d => d.NewestWindows));
        var classes = devices.Max(static d => d.Classes.Length);
        return new(devices.Count, windows, newest, devices.Sum(static d => d.NewestRight),
            devices.Sum(static d => d.NewestLoss * d.Windows) / Math.Max(1, windows),
            [.. Enumerable.Range(0, classes).Select(c => devices.Where(d => c < d.Classes.Length).Select(d => d.Classes[c])
                .Aggregate(default(ClassCount), static (a, b) => new(a.Windows + b.Windows, a.Right + b.Right)))]);
    }

    internal string Worth(IReadOnlyList<string> names)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"measured on {Windows:#,0} window{(Windows == 1 ? "" : "s")}");
        var seen = Classes.Count(static c => c.Windows > 0);
        if (!Classes.IsEmpty) { text += string.Create(CultureInfo.InvariantCulture, $" of {seen} class{(seen == 1 ? "" : "es")}"); }
        text += string.Create(CultureInfo.InvariantCulture, $" by {Devices:#,0} device{(Devices == 1 ? "" : "s")}");
        var few = Classes.Index().Where(static c => c.Item.Windows is > 0 and < FewWindows).Select(c => string.Create(
            CultureInfo.InvariantCulture, $"class {NameOf(c.Index, names)} on only {c.Item.Windows} {WordOf(c.Item.Windows)}"));
        var absent = Classes.Index().Where(static c => c.Item.Windows == 0).Select(c => $"none of class {NameOf(c.Index, names)}");
        List<string> caveats = [.. few, .. absent];
        return caveats.Count == 0 ? text : $"{text}; {string.Join(", ", caveats.Take(MaxNamed))}"
            + (caveats.Count > MaxNamed ? $" and {caveats.Count - MaxNamed} more" : "");
    }

    private static string WordOf(long windows) => windows == 1 ? "window" : "windows";

    internal static string NameOf(int number, IReadOnlyList<string> names) =>
        number < names.Count ? ShownText.Of(names[number]) : number.ToString(CultureInfo.InvariantCulture);
}

internal readonly record struct OwnPoint(DateTimeOffset At, double Accuracy, double Loss);
