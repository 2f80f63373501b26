using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Chooses where each layer runs: a pure function of a model, a view and an objective. A value that prints and compares.</summary>
public abstract record Planner
{
    /// <summary>Makes a plan for all devices of a view.</summary>
    /// <param name="model">What the layers cost.</param>
    /// <param name="view">The nodes, the links, and the plan in force.</param>
    /// <param name="objective">What to look for, and what a batch is.</param>
    public abstract Plan Plan(LayerCosts model, ResourceView view, Objective objective);
}
