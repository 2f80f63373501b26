namespace StreamLearn.Models;

/// <summary>
/// What a layer is to do in a call. Those that need statistics of the batch (<see cref="LayerPlan.NeedsBatchStatistics"/>) take three
/// passes in training instead of one: the first and the last can be run for some rows of a batch at a time.
/// </summary>
internal enum LayerPass
{
    /// <summary><see cref="Layer.Forward"/>.</summary>
    Forward,

    /// <summary><see cref="Layer.Backward"/>.</summary>
    Backward,

    /// <summary>Reads inputs.</summary>
    Reduce,

    /// <summary>Makes, from all rows that were reduced, what the outputs depend on.</summary>
    Finalize,

    /// <summary>Writes outputs.</summary>
    Normalize,

    /// <summary>Reads inputs and gradients of outputs.</summary>
    ReduceBack,

    /// <summary>Writes the gradients of the layer's values.</summary>
    FinalizeBack,

    /// <summary>Writes gradients of inputs.</summary>
    NormalizeBack,
}
