using System.Globalization;
using StreamLearn.Samples;

namespace Partition;

/// <summary>The networks of the papers on CIFAR-10, split after their second and first pool, beside the whole.</summary>
internal static class ShownImages
{
    private const int Vgg5Split = 4;
    private const int Vgg8Split = 3;
    private const int Vgg5Batches = 20;
    private const int Vgg8Batches = 8;

    internal static void Write(string folder, long seed, TextWriter output, CancellationToken cancellation)
    {
        var training = new ImageTraining(Cifar10.OpenTraining(folder), Cifar10.OpenTest(folder), seed);
        output.WriteLine("CIFAR-10, batches of 100, rate .01, momentum .9: whole, and split after so many layers");
        output.WriteLine(
            $"network  split  batches  first loss  last loss  last loss, split  {ImageTraining.TestImages} test images  "
            + "weights of the split");
        foreach (var (name, network, split, batches) in new[]
        {
            ("vgg5", ReferenceModels.Vgg5(seed), Vgg5Split, Vgg5Batches), ("vgg8", ReferenceModels.Vgg8(seed), Vgg8Split, Vgg8Batches),
        })
        {
            Console.Error.WriteLine($"{name}: trains {batches} batches, whole and split");
            var row = training.Run(name, network, split, batches, cancellation);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}     {split,5}  {batches,7}  {row.FirstLoss,10:F4}  {row.LastLoss,9:F4}  {row.SplitLoss,16:F4}  ")
                + string.Create(CultureInfo.InvariantCulture, $"{row.Accuracy,15:P1}  ")
                + (row.HasSameBits ? "the same bits" : "other bits"));
        }
    }
}
