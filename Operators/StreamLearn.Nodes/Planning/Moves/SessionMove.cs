namespace StreamLearn.Nodes;

/// <summary>The cost of moving a training session to another edge server, and the saving compared with a restart.</summary>
/// <remarks> A round takes T · (1 + q) with a restart, T + o with a move. Source: Ullah et al., IEEE Communications Magazine 60(11), 2022,
/// FedFly. </remarks>
public static class SessionMove
{
    /// <summary>Returns the size of a checkpoint in bytes: the server's layers, their optimizer state, and the pending boundary
    /// gradient.</summary>
    /// <param name="model">Layer costs.</param>
    /// <param name="split">Layers on the device.</param>
    /// <param name="objective">The batch, and the optimizer's state.</param>
    public static double CheckpointBytes(LayerCosts model, int split, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(objective);
        return (4.0 * (1 + objective.OptimizerValues) * model.ParametersOf(split, model.Count))
            + (objective.BytesPerGradient * objective.BatchRows * model.ValuesAt(split));
    }

    /// <summary>Returns the share of time saved compared with a restart: (q · T − o) / (T · (1 + q)).</summary>
    /// <param name="roundSeconds">T: duration of a round in seconds, above 0.</param>
    /// <param name="done">q: share of the round done at the move, 0 to 1.</param>
    /// <param name="moveSeconds">o: duration of the move in seconds, 0 or more.</param>
    public static double Saving(double roundSeconds, double done, double moveSeconds) =>
        ((done * roundSeconds) - moveSeconds) / (roundSeconds * (1 + done));
}
