namespace StreamLearn.Models;

internal static class ExitPlaces
{
    internal static void Check(ImmutableArray<Exit> exits, int layers)
    {
        if (exits.IsDefaultOrEmpty) { throw new ArgumentException("expected at least one exit, got none"); }
        var before = -1;
        for (var e = 0; e < exits.Length; e++)
        {
            var exit = exits[e] ?? throw new ArgumentException($"exit {e} is null");
            if (exit.After <= before || exit.After >= layers)
            {
                throw new ArgumentException(
                    $"exit {e}: expected a place after a layer from {before + 1} to {layers - 1}, got {exit.After}");
            }

            if (!(exit.LossWeight >= 0 && float.IsFinite(exit.LossWeight)))
            {
                throw new ArgumentException($"exit {e}: expected a loss weight of at least 0, got {exit.LossWeight}");
            }

            before = exit.After;
        }

        if (before != layers - 1)
        {
            throw new ArgumentException($"expected the last exit after layer {layers - 1}, got it after layer {before}");
        }
    }

    internal static LayerPlan Plan(Exit exit, int number, LayerChain trunk, int classes)
    {
        var plan = LayerChain.Plan(exit.Head, trunk.Boundaries[exit.After + 1], $"head of exit {number}");
        return plan.Output == new Shape(classes)
            ? plan
            : throw new ArgumentException($"head of exit {number}: expected outputs {new Shape(classes)}, got {plan.Output}");
    }
}
