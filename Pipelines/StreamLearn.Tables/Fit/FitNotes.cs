using System.Collections.Immutable;
using StreamLearn.Learning;

namespace StreamLearn.Tables;

/// <summary>What is to be known of rows before they are learned from, a line each.</summary>
internal static class FitNotes
{
    internal const string Shorter = "--window SECONDS makes shorter ones, --window row takes each row";

    internal const string OneClassEach =
        "each device has rows of one class: a version waits for all, as one of some unlearns the others' classes";

    private const double MostInWindows = 0.9;
    private const int NamesShown = 6;

    internal static string Devices(int count) => count == 1 ? "one device" : FormattableString.Invariant($"{count} devices");

    internal static IEnumerable<string> WithoutBound(int learning, int unseen)
    {
        const int Least = ConformalScores.MinGroups;
        if (learning >= Least) { yield break; }
        yield return FormattableString.Invariant($"--bound: {Devices(learning)} judge by turns, of {Least} that a promise needs: ")
            + "there will be " + (learning + unseen > Least ? "none; --unseen names fewer who do not learn" : "none");
    }

    internal static IEnumerable<string> Renamed(ImmutableArray<string> texts, ImmutableArray<string> names)
    {
        var others = texts.Zip(names).Where(static d => d.First != d.Second).ToList();
        if (others.Count == 0) { yield break; }
        yield return "devices are called here: "
            + string.Join(", ", others.Take(NamesShown).Select(static d => $"'{PrintableText.Of(d.First)}' {d.Second}"))
            + (others.Count > NamesShown ? ", …" : "");
    }

    internal static IEnumerable<string> TooShort(OwnRows rows, int samples)
    {
        var share = WindowSamples.ShareLasting(rows.Devices.SelectMany(static d => d.Runs), samples);
        if (share < MostInWindows)
        {
            yield return FormattableString.Invariant($"only {share:P0} of the labelled rows keep their label for a window: nothing is ")
                + $"learned from the others, and no accuracy is of them; {Shorter}";
        }
    }

    internal static IEnumerable<string> WithoutWindow(ImmutableArray<string> devices, bool oneLabel)
    {
        if (devices.IsEmpty) { yield break; }
        yield return $"{Named(devices)}: no rows {(oneLabel ? "of one label for a window" : "enough for a window")}, so they count "
            + $"nothing; {Shorter}";
    }

    internal static IEnumerable<string> TooFew(ImmutableArray<string> devices, int minWindows)
    {
        if (devices.IsEmpty) { yield break; }
        yield return FormattableString.Invariant($"{Named(devices)}: fewer than {minWindows} windows, too few to learn from in a ")
            + "fleet, so they are left out; --alone learns from them";
    }

    internal static IEnumerable<string> Judged(OwnColumns columns, IEnumerable<OwnDevice> learning, IEnumerable<OwnDevice> unseen)
    {
        const string Remedy = "--device none takes the last fifth of each class to judge, --unseen names other devices";
        var (judged, names) = (ClassesOf(unseen), Printable.Distinct(columns.Classes));
        var strangers = judged.Except(ClassesOf(learning)).ToList();
        if (strangers.Count > 0)
        {
            yield return $"nobody learns {string.Join(", ", strangers.Select(k => names[k]))}, which unseen devices have, so no answer to "
                + $"that can be right; {Remedy}";
        }
        else if (judged is [var only])
        {
            yield return $"the unseen devices have rows of one class, {names[only]}: an accuracy on them says little; {Remedy}";
        }
    }

    private static List<int> ClassesOf(IEnumerable<OwnDevice> devices) =>
        [.. devices.SelectMany(static d => d.Labels).Where(static l => l >= 0).Select(static l => (int)l).Distinct().Order()];

    private static string Named(ImmutableArray<string> devices) =>
        string.Join(", ", devices.Take(NamesShown)) + (devices.Length > NamesShown ? ", …" : "");
}
