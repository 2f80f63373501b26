using StreamLearn.Models;
using StreamLearn.Nodes;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/infer-across.md.</summary>
internal static class PartitionGuideExamples
{
    internal static int Cut(LayerCosts model, ResourceView view, ResourceView? planned, TimeSpan elapsed, int inForce) =>
        Replanning.Default.IsDue(planned, view, elapsed)                // after a second, or when an estimate has moved by a tenth
            ? new ComputationExit().Plan(model, view, Objective.Request with { BytesPerValue = 1 }).Routes[0].Split
            : inForce;

    internal static ExitSplitChoice? CutAndThresholds(LayerCosts model, ResourceView view, ExitCurve curve) => new ExitSplit(
        curve,
        ExitLayers: [2, 4, 7],                                          // an exit after two layers, after four, and at the end
        Goals: [new(ExitFigure.Accuracy, .9), new(ExitFigure.Seconds, .05), new(ExitFigure.Joules)])
        .Choose(model, view, Objective.Request, device: "pump-7");
}
