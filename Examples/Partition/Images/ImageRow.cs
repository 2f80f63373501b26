namespace Partition;

/// <summary>What training on images has come to, whole and split.</summary>
internal sealed record ImageRow(
    string Network, int Split, int Batches, float FirstLoss, float LastLoss, float SplitLoss, double Accuracy, bool HasSameBits);
