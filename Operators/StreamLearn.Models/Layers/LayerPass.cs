namespace StreamLearn.Models;

/// <summary>A layer's pass. <see cref="LayerPlan.NeedsBatchStatistics"/>: training needs three; first and last may run on parts.</summary>
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
