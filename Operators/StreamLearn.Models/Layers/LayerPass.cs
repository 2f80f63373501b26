namespace StreamLearn.Models;

/// <summary>The pass of a layer. With <see cref="LayerPlan.NeedsBatchStatistics"/>, training needs three; the first and last may run on
/// parts of a batch.</summary>
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
