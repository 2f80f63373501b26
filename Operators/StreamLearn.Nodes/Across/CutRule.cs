using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Chooses the number of layers on a device; a pure function of costs and measurements.</summary>
public abstract record CutRule
{
    /// <summary>Chooses the cut.</summary>
    /// <param name="model">Costs of the layers.</param>
    /// <param name="view">The measurements and the current cut.</param>
    /// <param name="min">Minimum layers on the device.</param>
    /// <param name="max">Maximum layers on the device.</param>
    /// <returns>Layers on the device, min to max.</returns>
    public abstract int Choose(LayerCosts model, CutView view, int min, int max);
}
