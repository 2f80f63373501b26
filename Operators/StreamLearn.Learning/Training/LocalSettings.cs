namespace StreamLearn.Learning;

/// <summary>How a device learns: its options, changed by the directives that have come.</summary>
internal readonly record struct LocalSettings(
    int StepsPerUpdate, int BatchRows, Optimizer Optimizer, float Proximal, TimeSpan? RoundTime)
{
    internal static LocalSettings Of(TrainOptions options) =>
        new(options.StepsPerUpdate, options.BatchRows, options.Optimizer, options.Proximal, null);

    /// <summary>The settings after a directive; what it leaves open stays.</summary>
    internal LocalSettings After(Directive directive, int maxBatchRows) => new(
        directive.StepsPerUpdate ?? StepsPerUpdate,
        directive.BatchRows is { } rows ? Math.Min(rows, maxBatchRows) : BatchRows,
        directive.LearningRate is { } rate && rate != Optimizer.LearningRate ? Optimizer with { LearningRate = rate } : Optimizer,
        directive.Proximal ?? Proximal,
        directive.RoundTime ?? RoundTime);

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
