namespace StreamLearn.Tables;

/// <summary>Learns on one machine from the rows of all devices: compares candidates, fits the best to all training rows, and scores it on
/// unseen ones.</summary>
internal static class Fitting
{
    private const int MinWindows = 8;       // minimum windows with values, to try a model on

    internal static FitRows Read(TableOptions look, TableFitOptions options, int minWindows = 0) =>
        FitRoles.Of(OwnRows.Read(OwnRows.Complete(FirstLook.At(look))), options, minWindows);

    internal static TableFit Run(FitRows rows, TableFitOptions options, Action<string> say, CancellationToken cancellationToken)
    {
        var samples = rows.Target is null ? null : FitSplit.Of(rows, options.Seed);
        if (samples is not null) { rows = rows with { Objective = ObjectiveOf(samples.Learning, rows.Target!.Name) }; }
        var (model, split, held, fitted, tried, later, fit) = Choose(rows, samples, options, say, cancellationToken);
        var scores = options.Bound is { } asked ? held.Scores(asked) : null;
        var judged = Judged(model, fitted.Weights, split.Judging, samples?.Judging, options.Bound, scores, held.Devices.Count());
        var chance = model.OfValues ? null : held.Chance(options.Seed, tried);
        if (judged.ErrorOfNow is { } now && rows.Unseen.IsEmpty)
        {
            later = LaterTimes.Of(model, judged.MeanAbsoluteError, now, split.Judging.Count);
        }

        return judged with
        {
            Choice = fit.Choice,
            Plain = model.Plain,
            Promised = fit.Promised,
            Notes = later is null ? rows.Notes : [.. rows.Notes, later.ToString()],
            Later = later,
            Chance = chance,
            NothingToLearn = model.OfValues ? held.IsNoBetterThan(rows.Objective!.Mean, options.Seed, tried) : FitAnswers.IsChance(chance),
            LearnedWindows = split.Learning.Count,
            Epochs = fitted.Epochs,
            Steps = fitted.Steps,
            Ended = fitted.Ended,
        };
    }

    /// <summary>Scores a model on held-out windows. <paramref name="samples"/>: for values, the rows of the windows, whose last is the
    /// current value; null for classes. <paramref name="judges"/>: devices to which the scores belong.</summary>
    internal static TableFit Judged(FitModel model, Weights weights, FitWindows judging, FitWindows? samples, double? bound,
        ConformalScores? scores, int judges)
    {
        var answers = FitAnswers.Of(model.Network, weights, judging);
        var (covered, classes) = bound is { } asked && scores is not null ? answers.Within(scores.At(asked)) : default;
        var card = model.Rows.CardOf(scores);
        TableFit fit = new()
        {
            Model = new(WindowModelFile.Of(model.Network, model.Network, weights, card, Preparation.Of(card)!)),
            Kind = model.Preparation.Kind,
            JudgedWindows = judging.Count,
            Devices = [.. answers.Devices.Select(d => DeviceOf(answers, judging.Names[d], d, model.OfValues))],
            Bound = bound,
            Covered = scores is null ? null : covered,
            MeanClasses = classes,
            Judges = judges,
        };
        if (!model.OfValues)
        {
            var evaluation = Evaluation.Of(model.Network, weights, judging.Sample);
            return fit with
            {
                Accuracy = evaluation.Accuracy,
                Confusion = evaluation.Confusion,
                Kappa = evaluation.Kappa,
                MacroF1 = evaluation.Matrix.MacroF1,
                AccuracyOfNow = judging.AccuracyOfNow,
            };
        }

        var errors = answers.Outputs.Zip(judging.Targets).Aggregate(default(ValueErrors), static (sum, a) => sum.Add(a.First, a.Second));
        return fit with
        {
            Errors = errors,
            Answers = answers,
            DeviceNames = judging.Names,
            MeanAbsoluteError = errors.MeanAbsolute,
            ErrorOfMean = judging.ErrorOfMean(model.Rows.Objective!.Mean),
            ErrorOfNow = ErrorOfNow(model.Rows, samples!, judging),
            BoundHalf = bound is { } share ? scores?.At(share) : null,
        };
    }

    /// <exception cref="ProgramException">All targets are the same.</exception>
    internal static SquaredError ObjectiveOf(FitWindows learning, string target)
    {
        var mean = learning.Targets.Average(static t => (double)t);
        var deviation = Math.Sqrt(learning.Targets.Average(t => (t - mean) * (t - mean)));
        return (float)deviation > 0 ? new((float)mean, (float)deviation) : throw new ProgramException(
            $"--target: all windows of column '{target}' available for learning have the same value", ProgramExit.DataRefused);
    }

    /// <summary>Trials run in parallel, so each line shows the progress of all of them.</summary>
    internal static FitLine LineOf(string name, TimeProvider clock, Action<string> say, Func<(int Done, int All)> trials) =>
        new(clock, text =>
        {
            var (done, all) = trials();
            say(text + FormattableString.Invariant($"   ({done} of {all} trials done, side by side)"));
        }, name);

    /// <summary>Refits the chosen candidate to all training rows. <paramref name="samples"/>: their windows; null: not known.</summary>
    private static Chosen Choose(
        FitRows rows, FitSplit? samples, TableFitOptions options, Action<string> say, CancellationToken cancellationToken)
    {
        var kinds = options.Model == ModelKind.Auto ? FitModel.CandidatesOf(rows) : [options.Model];
        var (splits, inputs) = (new List<FitSplit>(), new Dictionary<Preparation, FitSplit>());
        if (samples is not null) { inputs[rows.Preparation.AsInput] = samples; }
        FitModel[] plain = options.Model == ModelKind.Auto ? FitModel.PlainOf(rows, options.Seed) : [];
        FitModel[] models = [.. kinds.Select(kind => Split(FitModel.Of(kind, rows, options.Seed))), .. plain.Select(Split)];
        var parts = splits.ConvertAll(split => FitSplit.FoldsOf(split.Learning, rows));
        Require(parts[0], rows);
        double? spread = rows.Target is null ? null : splits[0].Learning.ErrorOfMean(rows.Objective!.Mean);
        if (kinds.Length > 1) { say(TriesOf(models, parts[0])); }
        var (best, candidates) = Tried(models, parts, FitSplit.FirstOf(splits[0].Learning), spread ?? 1, rows.Overlap, options.Seed, say,
            cancellationToken);
        if (kinds.Length > 1) { say(TriedOf(models, best)); }
        var at = Array.IndexOf(candidates, Candidate.Choose(candidates[..^plain.Length], candidates[^plain.Length..]));
        var trials = best[at];
        var where = parts[at].Count > 1 ? FormattableString.Invariant($"on {candidates[at].Accuracies.Length} held-out devices")
            : rows.Devices.Length == 1 ? "on held-out rows" : "on held-out rows (without some device, one class would be left)";
        var later = rows is not { Ahead: not null, Unseen.IsEmpty: false } ? null
            : LaterTimes.Of(models[at], splits[at].Learning, samples?.Learning, early => Fitted(early).Weights);
        return new(models[at], splits[at], FitAnswers.Over([.. trials.Select(static t => t.Held)]), Fitted(splits[at].Learning),
            candidates.Length, later, (
            Candidate.Text(candidates, candidates[at], spread, rows.Unseen.Length, where,
                models[at].Plain is null ? null : $"; no model is 1 % better, so the answer is {models[at].Name}"),
            candidates[at].Promise(rows.Unseen.Length, candidates.Length, spread)));

        FinishedFit Fitted(FitWindows learning) => Trial.Finish(models[at], learning, trials, options.Seed,
            new(TimeProvider.System, say, models[at].Name), cancellationToken);

        FitModel Split(FitModel model)          // at once: the first model needs no sample and reports too few windows
        {
            var input = model.Preparation.AsInput;
            if (!inputs.TryGetValue(input, out var split)) { inputs[input] = split = FitSplit.Of(model.Rows, options.Seed); }
            splits.Add(split);
            return model;
        }
    }

    /// <summary>The chosen model, refitted, with its trial answers.</summary>
    internal sealed record Chosen(FitModel Model, FitSplit Split, FitAnswers Held, FinishedFit Fitted, int Tried,
        LaterTimes? Later, (string Choice, (double Low, double High)? Promised) Fit);

    /// <summary>Returns the trials of each model with its best penalty. Models that learn in steps are tried in the first folds, and in
    /// the others if they are not behind there. Trials run in parallel.</summary>
    private static (Trial[][] Best, Candidate[] Candidates) Tried(FitModel[] models, List<List<FitSplit>> parts, int first, double spread,
        double overlap, long seed, Action<string> say, CancellationToken cancellationToken)
    {
        var (folds, done, all) = (parts.Min(static p => p.Count), 0, 0);         // the same folds for all models
        var trials = models.Select(_ => new List<Trial[]>()).ToArray();
        for (var quick = 0; quick < models.Length && !models[quick].IsStepped; quick++)
        {
            Try([.. models.Select((_, m) => m <= quick ? folds : 0)]);
            if (models[^1].Plain is null && Candidate.Choose(CandidatesIn(folds)).CannotBeOvertaken) { return Results(); }
        }

        Try([.. models.Select(model => model.IsStepped ? Math.Min(first, folds) : folds)]);
        var leader = Candidate.Choose(CandidatesIn(first));
        Try([.. CandidatesIn(first).Select((c, m) => ReferenceEquals(c, leader) || !c.IsBehind(leader) ? folds : trials[m].Count)]);
        return Results();

        (Trial[][], Candidate[]) Results() => ([.. trials.Select(BestOf)], CandidatesIn(folds));

        Candidate[] CandidatesIn(int most) => [.. trials.Select((t, m) => t.Count == 0 ? new(models[m].Name, [])
            : Candidate.Over([.. BestOf(t[..Math.Min(most, t.Count)]).Select(
                f => f.Held.CandidateOf(models[m].Name, spread, overlap) with { IsStopped = models[m].IsStepped })]))];

        static Trial[] BestOf(List<Trial[]> tried) => tried.Count == 0 ? [] : Trial.Best(tried);

        void Try(int[] counts)
        {
            (int Model, int Fold)[] these = [.. counts.SelectMany((count, m) =>
                Enumerable.Range(trials[m].Count, count - trials[m].Count).Select(fold => (m, fold)))];
            var found = new Trial[these.Length][];
            all += these.Length;
            Parallel.For(0, these.Length, new() { CancellationToken = cancellationToken }, i =>
            {
                var model = models[these[i].Model];
                var (learning, judging) = parts[these[i].Model][these[i].Fold].Tried(model);
                var line = LineOf($"{model.Name}, trial {1 + these[i].Fold} of {folds}", TimeProvider.System, say,
                    () => (Volatile.Read(ref done), all));
                found[i] = Trial.Of(model, learning, judging, seed, line, cancellationToken);
                Interlocked.Increment(ref done);
            });
            foreach (var ((model, _), trial) in these.Zip(found)) { trials[model].Add(trial); }
        }
    }

    private static string TriesOf(FitModel[] models, List<FitSplit> parts)
    {
        var devices = parts.SelectMany(static p => p.Judging.Owners).Distinct().Count();
        var trials = models.Count(static m => m.IsStepped) * parts.Count;
        return $"  tries    {string.Join(", ", models.Select(static m => m.Name))} on "
            + (parts.Count > 1 ? $"{FitNotes.Devices(devices)} held out in turn" : "held-out rows")
            + (trials == 0 ? "" : FormattableString.Invariant($"; up to {trials} trials in steps, each of up to ")
                + FormattableString.Invariant($"{SteppedFit.MaxTime.TotalMinutes:0} minutes"));
    }

    private static string TriedOf(FitModel[] models, Trial[][] best)
    {
        var tried = models.Zip(best, static (model, trials) => (model.Name, trials.Length, model.IsStepped))
            .Where(static t => t.Length > 0).ToList();
        return FormattableString.Invariant($"  tried    {string.Join(", ", tried.Select(static t => t.Name))}; ")
            + FormattableString.Invariant($"{tried.Where(static t => t.IsStepped).Sum(static t => t.Length)} trials in steps");
    }

    private static void Require(List<FitSplit> parts, FitRows rows)
    {
        var few = parts.Find(p => p.Judging.Count == 0
            || (rows.Target is null ? p.Learning.Labels.Distinct().Count() < 2 : p.Learning.Count < MinWindows));
        if (few is null) { return; }
        throw new ProgramException(rows.Option + (rows.Target is null
            ? FormattableString.Invariant($": expected windows of two classes after some are held out to evaluate a model, got ")
                + FormattableString.Invariant($"{few.Learning.Count}; {FitNotes.Shorter}")
            : FormattableString.Invariant($": expected {MinWindows} windows with a target or more after some are held out, got ")
                + FormattableString.Invariant($"{few.Learning.Count}; a window has the target of its last row")),
            ProgramExit.DataRefused);
    }

    private static TableDeviceFit DeviceOf(FitAnswers answers, string name, int device, bool ofValues)
    {
        var (windows, mean) = (answers.RowsOf(device).Length, answers.MeanOf(device));
        return ofValues ? new(name, windows, 0, mean) : new(name, windows, (long)Math.Round(mean * windows), 0);
    }

    /// <summary>Returns the mean error of the current value as a forecast, from the window's last sample; null without a
    /// forecast.</summary>
    internal static double? ErrorOfNow(FitRows rows, FitWindows samples, FitWindows judging)
    {
        var channels = rows.Preparation.Channels;
        var place = channels.Select(static c => c.Name).ToList().IndexOf(rows.Target!.Name);
        if (rows.Ahead is null || place < 0 || samples.Count != judging.Count) { return null; }
        var (size, last) = (channels.Length * rows.Preparation.WindowRows, ((place + 1) * rows.Preparation.WindowRows) - 1);
        return Enumerable.Range(0, samples.Count)
            .Average(r => (double)Math.Abs(samples.Features[(r * size) + last] - samples.Targets[r]));
    }
}
