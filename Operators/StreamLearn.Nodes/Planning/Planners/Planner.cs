namespace StreamLearn.Nodes;

/// <summary>Assigns layers to nodes. A pure function and a value.</summary>
public abstract record Planner
{
    /// <summary>Creates a plan for all devices of a view.</summary>
    /// <param name="model">Layer costs.</param>
    /// <param name="view">The nodes, the links, and the current plan.</param>
    /// <param name="objective">The goal and the batch.</param>
    public abstract Plan Plan(LayerCosts model, ResourceView view, Objective objective);
}
