using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>What it costs to move a training session from one edge server to another, and what it saves over starting the round
/// again.</summary>
/// <remarks>
/// Source: Ullah, Wu, Harvey, Kilpatrick, Spence, Varghese, IEEE Communications Magazine 60(11), 2022, FedFly. The saving is arithmetic:
/// with a restart a round takes T · (1 + q), with a move T + o.
/// </remarks>
public static class SessionMove
{
    /// <summary>Bytes of a checkpoint: the layers of the server and what the optimizer remembers of them, and the gradient of the boundary
    /// that is not delivered yet.</summary>
    /// <param name="model">What the layers cost.</param>
    /// <param name="split">Layers on the device.</param>
    /// <param name="objective">What a batch is, and what the optimizer remembers.</param>
    public static double CheckpointBytes(LayerCosts model, int split, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(objective);
        return (4.0 * (1 + objective.OptimizerValues) * model.ParametersOf(split, model.Count))
            + (objective.BytesPerGradient * objective.BatchRows * model.ValuesAt(split));
    }

    /// <summary>Share of the time that a move saves over a restart: (q · T − o) / (T · (1 + q)).</summary>
    /// <param name="roundSeconds">T: seconds of a round, above 0.</param>
    /// <param name="done">q: share of the round that is done when the device moves, 0 to 1.</param>
    /// <param name="moveSeconds">o: seconds that the move takes, 0 or more.</param>
    public static double Saving(double roundSeconds, double done, double moveSeconds) =>
        ((done * roundSeconds) - moveSeconds) / (roundSeconds * (1 + done));
}
