namespace StreamLearn.Tables;

/// <summary>Windows for learning and evaluation.</summary>
internal sealed record FitSplit(FitWindows Learning, FitWindows Judging)
{
    private const int FirstHeld = 8;        // devices that judge every candidate

    private const int MaxTried = 4000;       // maximum windows for comparing candidates; the chosen one learns from all
    private const int MaxFolds = 5;         // parts of the devices, each of which is held out once
    private const int NamesShown = 6;
    private const int LastShare = 5;        // with one device, the last fifth of each class is held out
    private const int Blocks = 25;          // blocks of single rows, every fifth of which is held out

    /// <summary>Holds out unseen devices for evaluation, or the last fifth of each class of a single device.</summary>
    /// <exception cref="ProgramException">There are too few labeled windows.</exception>
    internal static FitSplit Of(FitRows rows, long seed)
    {
        var all = FitWindows.Collect(rows, rows.Devices, seed);
        var split = rows.Unseen.IsEmpty ? Last(all, rows) : new(all, FitWindows.Collect(rows, rows.Unseen, seed));
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

    /// <summary>Takes every n-th window if there are many to learn from; those of a forecast overlap, so fewer, also to judge.</summary>
    internal FitSplit Tried(FitModel model)
    {
        var rows = model.Rows;
        return rows.Ahead is null ? this with { Learning = Some(Learning, MaxTried) }
            : new(Some(Learning, MaxTried / (model.IsLinear ? 2 : 4)), Some(Judging, MaxTried / 4));

        FitWindows Some(FitWindows all, int most) =>
            (all.Count + most - 1) / most is > 1 and var every ? all.Where(r => rows.Takes(r, every)) : all;
    }

    /// <summary>Number of folds in which every candidate is tried; those that are not behind then, in all.</summary>
    internal static int FirstOf(FitWindows all) => Folds(all.Owners.Distinct().Count(), FirstHeld).Count;

    /// <summary>Returns folds of a fifth of the devices, each held out once. Holds out the last windows, as of one device, if there is
    /// one, or if a fold would leave a single class.</summary>
    internal static List<FitSplit> FoldsOf(FitWindows all, FitRows rows)
    {
        var owners = all.Owners.Distinct().ToList();
        var folds = owners.Count == 1 ? [] : Folds(owners.Count, owners.Count).ConvertAll(fold =>
        {
            var held = owners.Where((_, i) => fold.Contains(i)).ToHashSet();
            return new FitSplit(all.Where(r => !held.Contains(all.Owners[r])), all.Where(r => held.Contains(all.Owners[r])));
        });
        if (folds.Count > 0 && (ClassesOf(all) < 2 || folds.TrueForAll(static f => ClassesOf(f.Learning) > 1))) { return folds; }
        var (learning, judging) = Last(all, rows);
        return [new(learning, judging with { Owners = new int[judging.Count] })];

        static int ClassesOf(FitWindows windows) => windows.Labels.Distinct().Take(2).Count();
    }

    /// <summary>Holds out a fifth at a time until enough devices are held out.</summary>
    internal static List<HashSet<int>> Folds(int devices, int minJudges)
    {
        var ways = Math.Min(MaxFolds, devices);
        var each = devices / ways;
        var folds = Math.Min(ways, (Math.Min(minJudges, devices) + each - 1) / each);
        return [.. Enumerable.Range(0, folds).Select(f => Enumerable.Range(0, devices).Where(d => d % ways == f).ToHashSet())];
    }

    /// <summary>Holds out the last fifth of each device's windows, whatever their class.</summary>
    internal static FitSplit Later(FitWindows all, FitRows rows) => Last(all, rows, all.Owners);

    /// <summary>Holds out the last fifth of each class.</summary>
    private static FitSplit Last(FitWindows all, FitRows rows) => Last(all, rows, all.Labels);

    /// <summary>Holds out the last fifth of each group and drops the windows overlapping both parts. Single rows may be sorted, such as by
    /// target, so it holds out five blocks spread over each group.</summary>
    private static FitSplit Last(FitWindows all, FitRows rows, int[] groups)
    {
        var (learned, held) = (new HashSet<int>(), new HashSet<int>());
        foreach (var same in Enumerable.Range(0, all.Count).GroupBy(r => groups[r]).Select(static g => g.ToList()))
        {
            if (rows.IsByRow)
            {
                var before = held.Count;
                held.UnionWith(same.Where((_, i) => (long)i * Blocks / same.Count % LastShare == LastShare / 2));
                if (same.Count > 1 && held.Count == before) { held.Add(same[same.Count / 2]); }
                learned.UnionWith(same.Where(r => !held.Contains(r)));
                continue;
            }

            var first = same.Count - Math.Max(same.Count / LastShare, Math.Min(1, same.Count - 1));
            learned.UnionWith(same.Take(Math.Max(1, first - rows.Apart)));
            held.UnionWith(same.Skip(first));
        }

        return new(all.Where(learned.Contains), all.Where(held.Contains));
    }
}
