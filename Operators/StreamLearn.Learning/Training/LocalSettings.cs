namespace StreamLearn.Learning;

internal readonly record struct LocalSettings(
    int StepsPerUpdate, int BatchRows, Optimizer Optimizer, float Proximal, TimeSpan? RoundTime, TrainPace Pace, bool Estimates = false,
    ModelVersion? Best = null, int? GradientValues = null, bool LocalSteps = false, TimeSpan? Pause = null)
{
    internal static LocalSettings Of(TrainOptions options) =>
        new(options.StepsPerUpdate, options.BatchRows, options.Optimizer, options.Proximal, null, options.Pace);

    /// <summary>Saves only changes by directives: options of a restart apply. <paramref name="saved"/>: avoids allocation.</summary>
    internal LocalSettings State(
        ref StateStream s, TrainOptions options, int maxBatchRows, ref (LocalSettings Of, Directive? Changed) saved)
    {
        if (s.IsWriting && (saved.Changed is null || saved.Of != this)) { saved = (this, ChangedFrom(Of(options))); }
        var changed = s.Value(saved.Changed, LearningCodecs.Directives);
        if (s.IsWriting) { return this; }
        return changed.BatchRows is { } rows && rows > maxBatchRows
            ? throw new StateException($"expected at most {maxBatchRows} rows of a batch, got {rows}")
            : Of(options).After(changed, maxBatchRows);
    }

    private Directive ChangedFrom(LocalSettings before) => this == before ? Directive.Unchanged : new()
    {
        StepsPerUpdate = StepsPerUpdate == before.StepsPerUpdate ? null : StepsPerUpdate,
        BatchRows = BatchRows == before.BatchRows ? null : BatchRows,
        LearningRate = Optimizer.LearningRate == before.Optimizer.LearningRate ? null : Optimizer.LearningRate,
        Proximal = Proximal == before.Proximal ? null : Proximal,
        RoundTime = RoundTime,
        Pace = Pace == before.Pace ? null : Pace,
        Estimates = Estimates,
        Best = Best,
        GradientValues = GradientValues,
        LocalSteps = LocalSteps,
        Pause = Pause,
    };

    /// <summary>Unset fields of the directive keep their values.</summary>
    internal LocalSettings After(Directive directive, int maxBatchRows) => new(
        directive.StepsPerUpdate ?? StepsPerUpdate,
        directive.BatchRows is { } rows ? Math.Min(rows, maxBatchRows) : BatchRows,
        directive.LearningRate is { } rate && rate != Optimizer.LearningRate ? Optimizer with { LearningRate = rate } : Optimizer,
        directive.Proximal ?? Proximal,
        directive.RoundTime ?? RoundTime,
        directive.Pace ?? Pace,
        directive.Estimates ?? Estimates,
        directive.Best ?? Best,
        directive.GradientValues ?? GradientValues,
        directive.LocalSteps ?? LocalSteps,
        directive.Pause);

    /// <summary>Returns the directive for the device, otherwise the one for all; null: none.</summary>
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
