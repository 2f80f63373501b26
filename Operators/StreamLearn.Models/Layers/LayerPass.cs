namespace StreamLearn.Models;

/// <summary>Pass of a layer. With <see cref="LayerPlan.NeedsBatchStatistics"/>, training takes three; the first and last may run on parts
/// of a batch.</summary>
internal enum LayerPass
{
    Forward,

    Backward,

    Reduce,

    Finalize,

    Normalize,

    ReduceBack,

    FinalizeBack,

    NormalizeBack,
}
