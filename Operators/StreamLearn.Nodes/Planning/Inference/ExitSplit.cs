namespace StreamLearn.Nodes;

/// <summary>Chooses a network's cut together with its exit thresholds, by goals in order of importance. A value.</summary>
/// <remarks> Candidates are all cuts that fit into memory, with all choices of the curve. A row that exits on the device costs its layers
/// up to there; others the device's layers, the activations up, the server's layers up to the exit, and the answer down. Figures are means
/// by exit share. Candidates over a dead link are a last resort. Ties take the highest accuracy, then the fewest layers on the device.
/// Cost: cuts, times exits for their costs, times choices. Prefer a curve that <see cref="ExitTuner"/> made from the device's times.
/// Source: Laskaridis et al. (2020), SPINN. </remarks>
internal sealed record ExitSplit(ExitCurve Curve, ImmutableArray<int> ExitLayers, ImmutableArray<ExitGoal> Goals)
{
    public ExitSplitChoice? Choose(LayerCosts model, ResourceView view, Objective objective, string device) =>
        Kept(Candidates(model, view, objective, device))
            .OrderByDescending(static c => c.Accuracy).ThenBy(static c => c.Cut).FirstOrDefault();

    /// <summary>Returns those of the candidates that meet all goals.</summary>
    internal ImmutableArray<ExitSplitChoice> Kept(ImmutableArray<ExitSplitChoice> left)
    {
        if (left.IsEmpty) { return left; }
        if (left.Any(static c => double.IsFinite(c.Seconds))) { left = [.. left.Where(static c => double.IsFinite(c.Seconds))]; }
        foreach (var goal in Goals) { left = goal.Keep(left); }
        return left;
    }

    /// <summary>Returns the candidates for a device, by cut, then by choice of the curve.</summary>
    public ImmutableArray<ExitSplitChoice> Candidates(LayerCosts model, ResourceView view, Objective objective, string device)
    {
        objective.RequireInference();
        Check(model);
        var (row, node) = (objective with { BatchRows = 1 }, view.Node(device));
        var candidates = ImmutableArray.CreateBuilder<ExitSplitChoice>();
        foreach (var cut in SplitRoutes.Of(model, view, row, node).Splits)
        {
            PlanCost[] costs = [.. ExitLayers.Select(exit => CostOf(model, view, row, node, cut, exit))];
            for (var point = 0; point < Curve.Points.Length; point++) { candidates.Add(Expected(device, cut, point, costs)); }
        }

        return candidates.ToImmutable();
    }

    public bool Equals(ExitSplit? other) => other is not null && Curve == other.Curve
        && ExitLayers.AsSpan().SequenceEqual(other.ExitLayers.AsSpan()) && Goals.AsSpan().SequenceEqual(other.Goals.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Curve, ExitLayers.Length, Goals.Length);

    private ExitSplitChoice Expected(string device, int cut, int point, PlanCost[] costs)
    {
        var (of, seconds, joules, server, sent) = (Curve.Points[point], 0.0, 0.0, 0.0, 0.0);
        for (var exit = 0; exit < costs.Length; exit++)
        {
            if (of.Shares[exit] == 0) { continue; }         // unused exits may have an infinite time
            seconds += of.Shares[exit] * costs[exit].BatchSeconds;
            joules += of.Shares[exit] * costs[exit].BatchJoules;
            server += of.Shares[exit] * costs[exit].ServerSeconds;
            sent += ExitLayers[exit] > cut ? of.Shares[exit] : 0;
        }

        return new(device, cut, point, Curve.RuleAt(point))
        {
            Accuracy = of.Accuracy,
            Seconds = seconds,
            Joules = joules,
            ServerSeconds = server,
            SentShare = sent,
        };
    }

    private static PlanCost CostOf(LayerCosts model, ResourceView view, Objective row, NodeView device, int cut, int exit)
    {
        var (tally, local) = (new BatchTally(view, device), Math.Min(cut, exit));
        Compute(device, 0, local);
        if (exit > cut)
        {
            var server = view.ServerOf(device.Name)!;
            tally.Up(device, server, model.ValuesAt(cut) * row.BytesPerValue);
            Compute(server, cut, exit);
            tally.Down(server, device, model.ValuesAt(model.Count) * row.BytesPerGradient);
        }

        return tally.Cost;

        void Compute(NodeView node, int first, int end) =>
            tally.Compute(node, RouteCost.SecondsOf(node, model, new(first, end, node.Name), isTraining: false) * node.Load);
    }

    private void Check(LayerCosts model)
    {
        if (ExitLayers.IsDefaultOrEmpty || ExitLayers[^1] != model.Count || ExitLayers[0] < 1
            || ExitLayers.Zip(ExitLayers.Skip(1)).Any(static pair => pair.Second <= pair.First))
        {
            throw new ArgumentException(
                $"expected exits after layers that rise to {model.Count}, got {string.Join(", ", ExitLayers.IsDefault ? [] : ExitLayers)}",
                nameof(model));
        }

        foreach (var point in Curve.Points)
        {
            if (point.Shares.Length != ExitLayers.Length)
            {
                throw new ArgumentException($"expected a curve of {ExitLayers.Length} exits, got {point.Shares.Length}", nameof(model));
            }
        }
    }
}
