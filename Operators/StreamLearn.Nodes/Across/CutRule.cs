using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Chooses how many layers a device runs itself: a pure function of costs and measurements. A value.</summary>
public abstract record CutRule
{
    /// <summary>Chooses the cut.</summary>
    /// <param name="model">What the layers cost.</param>
    /// <param name="view">What was measured, and the cut in use.</param>
    /// <param name="min">Layers that stay on the device.</param>
    /// <param name="max">Layers that it runs at most.</param>
    /// <returns>Layers on the device, min to max.</returns>
    public abstract int Choose(LayerCosts model, CutView view, int min, int max);
}
