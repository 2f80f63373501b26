namespace StreamLearn.Nodes;

/// <summary>FedAdapt: a learned policy determines the share of work of each device group.</summary>
/// <remarks>The policy receives the last known seconds and split of each device; initially all layers are local. The nearest split that
/// fits is used. Source: Wu, Ullah, Harvey, Kilpatrick, Spence, Varghese, IEEE IoT Journal 9(21), 2022.</remarks>
public sealed record FedAdapt : Planner
{
    /// <summary>The policy has two state values and one action per group.</summary>
    internal FedAdapt(DeviceGroups groups, Policy policy) => (Groups, Policy) = (groups, policy);

    internal DeviceGroups Groups { get; }

    internal Policy Policy { get; }

    /// <inheritdoc />
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(view);
        if (Policy.StateValues != 2 * Groups.Count || Policy.ActionValues != Groups.Count)
        {
            throw new ArgumentException($"expected a policy for {Groups.Count} groups, got {Policy}");
        }

        var all = SplitRoutes.Of(model, view, objective);
        var (groups, seconds, shares) = (new int[all.Length], new double[all.Length], new double[all.Length]);
        for (var i = 0; i < all.Length; i++)
        {
            var device = all[i].Device;
            var baseline = device.BaselineSeconds ?? all[i].Local.Cost.BatchSeconds;
            groups[i] = Groups.GroupOf(baseline, DeviceGroups.RateOf(view, device));
            seconds[i] = device.LastSeconds ?? baseline;
            shares[i] = OffloadPoints.ShareOf(model, view.Current?.RouteOf(device.Name)?.Split ?? model.Count);
        }

        var (state, action, points, next) = (new float[2 * Groups.Count], new float[Groups.Count], OffloadPoints.Of(model), 0);
        GroupState.Write(groups, seconds, shares, state);
        Policy.Act(state, action);
        return new([.. all.Select(routes =>
        {
            var split = points.SplitOf(action[groups[next++]]);
            return routes.Choose(of => of.Nearest(split));
        })]);
    }

    /// <summary>Returns one line, without the policy's weights.</summary>
    public override string ToString() => FormattableString.Invariant($"FedAdapt {{ Groups = {Groups.Count} }}");
}
