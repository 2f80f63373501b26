using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Fits models to recorded rows.</summary>
public static class ModelFit
{
    /// <summary>
    /// Fits a model to rows: epochs in a new order each, rows of whole groups held back to validate with, and the weights of the epoch that
    /// answers those best.
    /// </summary>
    /// <remarks>
    /// The columns are scaled by the moments of the rows that are learned from. With the same rows, settings and seed the bits are the
    /// same, with one thread or two, and however often it was interrupted. Cost: <see cref="ModelPlan.StepMultiplyAdds"/> for each row of
    /// an epoch, and a forward pass for each row that is held back. A step whose loss is not finite is not applied. Source: Prechelt (1998)
    /// for early stopping.
    /// </remarks>
    /// <param name="model">The model, which stays as it is.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="options">Settings.</param>
    /// <param name="progress">Hears of each epoch.</param>
    /// <param name="cancellationToken">Ends it within a step. With <see cref="FitOptions.StateFile"/> a further call goes on.</param>
    /// <exception cref="ArgumentException">Rows or settings do not fit the model.</exception>
    /// <exception cref="StateException">The state file is damaged, or of other rows or settings.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
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
