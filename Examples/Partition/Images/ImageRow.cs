namespace Partition;

/// <summary>What training on images has come to, whole and split.</summary>
/// <param name="Network">The name of the network.</param>
/// <param name="Split">Layers on the device.</param>
/// <param name="Batches">Batches that were trained.</param>
/// <param name="FirstLoss">Loss of the first batch.</param>
/// <param name="LastLoss">Loss of the last batch.</param>
/// <param name="SplitLoss">The same, where the network was split.</param>
/// <param name="Accuracy">Accuracy on test images.</param>
/// <param name="HasSameBits">Whether the weights of the split network are those of the whole, bit for bit.</param>
internal sealed record ImageRow(
    string Network, int Split, int Batches, float FirstLoss, float LastLoss, float SplitLoss, double Accuracy, bool HasSameBits);
