namespace StreamLearn.Learning;

/// <summary>Fits models to recorded rows.</summary>
public static partial class ModelFit
{
    /// <summary>Fits a model to rows in shuffled epochs, and keeps the weights of the best epoch on the held-out groups.</summary>
    /// <remarks> Columns are scaled by the moments of the training rows. The same rows, settings and seed give the same bits, with one
    /// thread or two and after interruptions. Cost: <see cref="ModelPlan.StepMultiplyAdds"/> per row and epoch, plus a forward pass per
    /// held-out row. Steps with a non-finite loss are skipped. Source: Prechelt (1998) for early stopping. </remarks>
    /// <param name="model">The model, not modified.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="options">Settings.</param>
    /// <param name="progress">Receives each epoch.</param>
    /// <param name="cancellationToken">Ends fitting within a step; with <see cref="FitOptions.StateFile"/>, another call resumes.</param>
    /// <exception cref="ArgumentException">Rows or settings do not fit the model.</exception>
    /// <exception cref="StateException">The state file is damaged, or belongs to other rows or settings.</exception>
    /// <exception cref="OperationCanceledException">Fitting was canceled.</exception>
    public static FitResult Fit(this IModel model, RecordedRows rows, FitOptions? options = null, IProgress<FitEpoch>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        options ??= new();
        rows.Check(model.Plan);
        options.Check(model.Plan);
        TrainOptions.RequireNoTeacher(model);
        TrainOptions.RequireThreads(model, options.Threads);
        var memory = new Workspace();
        using var second = options.Threads == 2 ? memory.StartSecondThread() : null;
        var run = new FitRun(model, rows, options, memory);
        var file = options.StateFile is { } path ? new FitFile(path) : null;
        file?.Load(run);
        while (!run.IsOver)
        {
            var epoch = run.Next(cancellationToken);
            progress?.Report(epoch);
            file?.Save(run);
        }

        file?.Remove();
        return run.Result();
    }
}
