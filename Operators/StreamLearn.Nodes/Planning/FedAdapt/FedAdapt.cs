using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>FedAdapt: a policy learned by reinforcement says for each group of devices what share of the work they keep.</summary>
/// <remarks>
/// The policy sees the seconds of the last round and the split in force, so that a device that missed a round counts as it was last seen.
/// Where nothing was seen yet, all layers ran on the device. Where a split does not fit, the nearest one that does is taken. Source: Wu,
/// Ullah, Harvey, Kilpatrick, Spence, Varghese, IEEE IoT Journal 9(21), 2022.
/// </remarks>
/// <param name="Groups">The groups of devices.</param>
/// <param name="Policy">The policy, of two values of state and one of action for each group: <see cref="FedAdaptTraining"/>.</param>
public sealed record FedAdapt(DeviceGroups Groups, Policy Policy) : Planner
{
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

    /// <summary>In one line, without the weights of its policy.</summary>
    public override string ToString() => FormattableString.Invariant($"FedAdapt {{ Groups = {Groups.Count} }}");
}
