namespace StreamLearn.Tables;

/// <summary>Windows for learning and evaluation.</summary>
internal sealed record FitSplit(FitWindows Learning, FitWindows Judging)
{
    internal const int MaxHeld = 8;

    private const int MaxTried = 4000;       // maximum windows to compare candidates on; the chosen one learns from all
    private const int MaxFolds = 5;         // parts of the devices; each is left out once
    private const int NamesShown = 6;
    private const int LastShare = 5;        // with one device, the last fifth of each class is held out
    private const int Blocks = 25;          // blocks of single rows, every fifth of which is held out

    /// <summary>Unseen devices judge, or the last fifth of each class of a single device.</summary>
    /// <exception cref="ProgramException">Too few labeled windows.</exception>
    internal static FitSplit Of(FitRows rows, long seed)
    {
        var all = FitWindows.Collect(rows, rows.Devices, seed);
        var split = rows.Unseen.IsEmpty ? Last(all, rows.IsByRow) : new(all, FitWindows.Collect(rows, rows.Unseen, seed));
        var (learning, judging) = split;
        var isEnough = rows.Target is not null ? learning.Count >= 2 : learning.Labels.Distinct().Count() >= 2;
        if (isEnough && judging.Count > 0) { return split; }
        if (rows.Target is null && learning.Count > 0 && judging.Count > 0 && !rows.Unseen.IsEmpty)
        {
            throw new ProgramException($"{rows.Option}: expected windows of two classes to learn from, got "
                + $"{rows.Classes[learning.Labels[0]]} alone: {string.Join(", ", rows.Unseen.Take(NamesShown))} judge, and have the "
                + "others; --device none holds out the last fifth of each class, --unseen chooses other devices",
                ProgramExit.DataRefused);
        }

        var samples = rows.Preparation.WindowRows;
        throw new ProgramException($"{rows.Option}: expected windows {(rows.Target is null ? "of two classes" : "with a target")} to learn "
            + FormattableString.Invariant($"from and some to evaluate, got {learning.Count} and {judging.Count}: ")
            + FormattableString.Invariant($"a window is {samples} rows")
            + (rows.Target is not null ? $", the last of which has one{(rows.Ahead is null ? "" : ", of later")}; "
                : rows.ForecastsClasses ? " followed by a later label, " : " of one label, ") + FitNotes.Shorter,
            ProgramExit.DataRefused);
    }

    /// <summary>Every n-th if there are many.</summary>
    internal static FitWindows Tried(FitWindows learning) =>
        (learning.Count + MaxTried - 1) / MaxTried is > 1 and var every ? learning.Where(r => r % every == 0) : learning;

    /// <summary>Folds of a fifth: devices until enough were held out, or the last windows of a single device. <paramref name="byRow"/>:
    /// single rows.</summary>
    internal static List<FitSplit> FoldsOf(FitWindows all, int mostHeld, bool byRow = false)
    {
        var owners = all.Owners.Distinct().ToList();
        if (owners.Count == 1) { return [Last(all, byRow)]; }
        return Folds(owners.Count, mostHeld).ConvertAll(fold =>
        {
            var held = owners.Where((_, i) => fold.Contains(i)).ToHashSet();
            return new FitSplit(all.Where(r => !held.Contains(all.Owners[r])), all.Where(r => held.Contains(all.Owners[r])));
        });
    }

    /// <summary>Holds out a fifth at a time until there are enough judges.</summary>
    internal static List<HashSet<int>> Folds(int devices, int minJudges)
    {
        var ways = Math.Min(MaxFolds, devices);
        var each = devices / ways;
        var folds = Math.Min(ways, (Math.Min(minJudges, devices) + each - 1) / each);
        return [.. Enumerable.Range(0, folds).Select(f => Enumerable.Range(0, devices).Where(d => d % ways == f).ToHashSet())];
    }

    /// <summary>Holds out the last fifth of each class and drops the window overlapping both. Single rows may be sorted, such as by target:
    /// holds out five blocks spread over each class.</summary>
    private static FitSplit Last(FitWindows all, bool byRow)
    {
        var (learned, held) = (new HashSet<int>(), new HashSet<int>());
        foreach (var rows in Enumerable.Range(0, all.Count).GroupBy(r => all.Labels[r]).Select(static g => g.ToList()))
        {
            if (byRow)
            {
                var before = held.Count;
                held.UnionWith(rows.Where((_, i) => (long)i * Blocks / rows.Count % LastShare == LastShare / 2));
                if (rows.Count > 1 && held.Count == before) { held.Add(rows[rows.Count / 2]); }
                learned.UnionWith(rows.Where(r => !held.Contains(r)));
                continue;
            }

            var first = rows.Count - Math.Max(rows.Count / LastShare, Math.Min(1, rows.Count - 1));
            learned.UnionWith(rows.Take(Math.Max(1, first - 1)));
            held.UnionWith(rows.Skip(first));
        }

        return new(all.Where(learned.Contains), all.Where(held.Contains));
    }
}
