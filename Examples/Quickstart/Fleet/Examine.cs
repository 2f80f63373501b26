using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Learning;

namespace Quickstart;

/// <summary>Settings of <c>Examine</c>.</summary>
internal sealed record ExamineOptions(IModel Model, int EveryVersions)
{
    public override string ToString() => $"every {EveryVersions} versions";
}

internal static class ExamineExtensions
{
    /// <summary>Judges model versions by rows that no device learned from.</summary>
    internal static void Examine(this Flow<Round> rounds, IModel model, TestRows test, FleetWatch watch) =>
        rounds.To("examine", new ExamineOptions(model, 10),
            (ExamineOptions options, OperatorContext context) => new Examine(options, context, test, watch));
}

/// <summary>Judges every n-th version and the last one. Shape: versions in. State: the newest version. Source: held-out accuracy, McMahan
/// et al. (2017).</summary>
internal sealed class Examine(ExamineOptions options, OperatorContext context, TestRows test, FleetWatch watch) : Operator<Round>
{
    private Weights _newest = options.Model.Initial;
    private long _judged = -1;

    public override void Process(Round input)
    {
        _newest = input.InUse;
        if (input.Version % options.EveryVersions == 0) { Judge(); }
    }

    public override void Complete() => Judge();

    private void Judge()
    {
        if (_judged == _newest.Version) { return; }
        _judged = _newest.Version;
        watch.Judged(new(context.Now, _newest, Evaluation.Of(options.Model, _newest, new Sample(test.Features, test.Labels))));
    }
}

/// <summary>One judgment of a model version.</summary>
internal sealed record Judgment(DateTimeOffset Time, Weights Weights, Evaluation Evaluation);
