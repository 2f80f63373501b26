namespace StreamLearn.Learning;

/// <summary>How a device learns: its options, changed by the directives that have come.</summary>
internal readonly record struct LocalSettings(
    int StepsPerUpdate, int BatchRows, Optimizer Optimizer, float Proximal, TimeSpan? RoundTime, TrainPace Pace, bool Estimates = false,
    ModelVersion? Best = null, int? GradientValues = null)
{
    internal static LocalSettings Of(TrainOptions options) =>
        new(options.StepsPerUpdate, options.BatchRows, options.Optimizer, options.Proximal, null, options.Pace);

    /// <summary>Writes what directives have changed: the rest is as the options say, also those of a later start.</summary>
    internal void Save(StateWriter writer, TrainOptions options)
    {
        writer.Write(StepsPerUpdate == options.StepsPerUpdate ? 0 : StepsPerUpdate);
        writer.Write(BatchRows == options.BatchRows ? 0 : BatchRows);
        writer.Write(Optimizer.LearningRate == options.Optimizer.LearningRate ? 0 : Optimizer.LearningRate);
        writer.Write(Proximal == options.Proximal ? -1 : Proximal);
        writer.Write(RoundTime ?? TimeSpan.Zero);
        writer.Write(Pace == options.Pace ? -1 : (int)Pace);
        writer.Write(Estimates);
        writer.Write(Best is not null);
        if (Best is { } best) { writer.Write(best); }
        writer.Write(GradientValues ?? 0);
    }

    internal static LocalSettings Load(ref StateReader reader, TrainOptions options, int maxBatchRows)
    {
        var (steps, rows) = (reader.ReadInt32(0, int.MaxValue), reader.ReadInt32(0, maxBatchRows));
        var (rate, proximal, time) = (reader.ReadSingle(), reader.ReadSingle(), reader.ReadTimeSpan());
        var pace = reader.ReadInt32(-1, (int)TrainPace.LockStep);
        var changed = new Directive
        {
            StepsPerUpdate = steps == 0 ? null : steps,
            BatchRows = rows == 0 ? null : rows,
            LearningRate = rate == 0 ? null : rate,
            Proximal = proximal == -1 ? null : proximal,
            RoundTime = time == TimeSpan.Zero ? null : time,
            Pace = pace == -1 ? null : (TrainPace)pace,
            Estimates = reader.ReadBoolean(),
            Best = reader.ReadBoolean() ? reader.ReadVersion() : null,
            GradientValues = reader.ReadInt32(0, int.MaxValue) is var values && values > 0 ? values : null,
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
