namespace StreamLearn.Learning;

/// <summary>
/// What a layer is to do in a call. Those that look first (<see cref="LayerPlan.LooksFirst"/>) take three passes in training instead of
/// one: the first and the last can be run for some rows of a batch at a time.
/// </summary>
internal enum LayerPass
{
    /// <summary><see cref="Layer.Forward"/>.</summary>
    Forward,

    /// <summary><see cref="Layer.Backward"/>.</summary>
    Backward,

    /// <summary>Reads inputs.</summary>
    Look,

    /// <summary>Makes of all rows that were looked at what the outputs depend on.</summary>
    Settle,

    /// <summary>Writes outputs.</summary>
    Apply,

    /// <summary>Reads inputs and gradients of outputs.</summary>
    LookBack,

    /// <summary>Writes the gradients of the layer's values.</summary>
    SettleBack,

    /// <summary>Writes gradients of inputs.</summary>
    ApplyBack,
}
