namespace StreamLearn.Learning;

/// <summary>How a device learns: its options, changed by the directives that have come.</summary>
internal readonly record struct LocalSettings(
    int StepsPerUpdate, int BatchRows, Optimizer Optimizer, float Proximal, TimeSpan? RoundTime, TrainPace Pace, bool Estimates = false,
    ModelVersion? Best = null, int? GradientValues = null)
{
    internal static LocalSettings Of(TrainOptions options) =>
        new(options.StepsPerUpdate, options.BatchRows, options.Optimizer, options.Proximal, null, options.Pace);

    /// <summary>What directives have changed: the rest is as the options say, also those of a later start.</summary>
    internal LocalSettings State(ref StateStream s, TrainOptions options, int maxBatchRows)
    {
        var steps = s.Value(StepsPerUpdate == options.StepsPerUpdate ? 0 : StepsPerUpdate, 0, int.MaxValue);
        var rows = s.Value(BatchRows == options.BatchRows ? 0 : BatchRows, 0, maxBatchRows);
        var rate = s.Value(Optimizer.LearningRate == options.Optimizer.LearningRate ? 0 : Optimizer.LearningRate);
        var proximal = s.Value(Proximal == options.Proximal ? -1 : Proximal);
        var time = s.Value(RoundTime ?? TimeSpan.Zero);
        var pace = s.Value(Pace == options.Pace ? -1 : (int)Pace, -1, (int)TrainPace.LockStep);
        var (estimates, best, values) = (s.Value(Estimates), s.Value(Best), s.Value(GradientValues ?? 0, 0, int.MaxValue));
        if (s.IsWriting) { return this; }
        var changed = new Directive
        {
            StepsPerUpdate = steps == 0 ? null : steps,
            BatchRows = rows == 0 ? null : rows,
            LearningRate = rate == 0 ? null : rate,
            Proximal = proximal == -1 ? null : proximal,
            RoundTime = time == TimeSpan.Zero ? null : time,
            Pace = pace == -1 ? null : (TrainPace)pace,
            Estimates = estimates,
            Best = best,
            GradientValues = values > 0 ? values : null,
        };
        return changed.IsValid ? Of(options).After(changed, maxBatchRows)
            : throw new StateException($"expected settings in their range, got {changed}");
    }

    /// <summary>The settings after a directive; what it leaves open stays.</summary>
    internal LocalSettings After(Directive directive, int maxBatchRows) => new(
        directive.StepsPerUpdate ?? StepsPerUpdate,
        directive.BatchRows is { } rows ? Math.Min(rows, maxBatchRows) : BatchRows,
        directive.LearningRate is { } rate && rate != Optimizer.LearningRate ? Optimizer with { LearningRate = rate } : Optimizer,
        directive.Proximal ?? Proximal,
        directive.RoundTime ?? RoundTime,
        directive.Pace ?? Pace,
        directive.Estimates ?? Estimates,
        directive.Best ?? Best,
        directive.GradientValues ?? GradientValues);

    /// <summary>The directive of a version that names this device, or else the one for all; null: there is neither.</summary>
    internal static Directive? AskedOf(string device, Weights version)
    {
        if (version.Directives.IsDefaultOrEmpty) { return null; }
        Directive? found = null;
        foreach (var directive in version.Directives)
        {
            if (directive.Device is null) { found ??= directive; }
            else if (directive.Device == device) { return directive; }
        }

        return found;
    }
}
