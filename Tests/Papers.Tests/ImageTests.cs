using StreamLearn.Models;
using StreamLearn.Samples;

namespace Partition.Tests;

public sealed class ImageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cifar-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_image_has_its_colors_normalized()
    {
        var (image, values) = (new byte[Cifar10.Values], new float[Cifar10.Values]);
        (image[0], image[1024], image[3071]) = (255, 51, 102);

        ImageDraws.Write(image, values);

        Assert.Equal((1 - .4914f) / .2023f, values[0], 1e-5);
        Assert.Equal((.2f - .4822f) / .1994f, values[1024], 1e-5);
        Assert.Equal((.4f - .4465f) / .2010f, values[3071], 1e-5);
        Assert.Equal(-.4914f / .2023f, values[1], 1e-5);
    }

    [Fact]
    public void Each_image_is_drawn_once_in_an_epoch_cropped_by_up_to_four_pixels_and_flipped_every_second_time()
    {
        Generate();
        var (draws, values, labels) = (new ImageDraws(Cifar10.OpenTest(_folder), seed: 1), new float[Cifar10.Values], new int[10]);
        var (rows, columns) = (new int[32], new int[32]);
        for (var i = 0; i < Cifar10.FileImages; i++)
        {
            labels[draws.Next(values)]++;
            var at = values.AsSpan(0, 1024).IndexOfAnyExcept(-.4914f / .2023f);     // the one bright pixel of its red plane
            (rows[at / 32], columns[at % 32]) = (rows[at / 32] + 1, columns[at % 32] + 1);
        }

        Assert.All(labels, static count => Assert.Equal(1000, count));
        Assert.Equal(Enumerable.Range(6, 9), Enumerable.Range(0, 32).Where(r => rows[r] > 0));              // it is in row 10
        Assert.Equal([.. Enumerable.Range(4, 9), .. Enumerable.Range(19, 9)],
            Enumerable.Range(0, 32).Where(c => columns[c] > 0));                                            // and column 8
        Assert.InRange(columns.Take(16).Sum(), 4800, 5200);
    }

    [Fact]
    public void A_split_network_has_the_loss_and_the_bits_of_the_whole()
    {
        Generate();
        var images = Cifar10.OpenTest(_folder);
        var network = new Network(new(3, 32, 32), 10,
            [new Conv2d(4, 3, 4, 1), new BatchNorm(), new Relu(), new Flatten()], [new(3, new Dense(10))], seed: 1);

        var row = new ImageTraining(images, images, Seed: 1).Run("small", network, split: 2, batches: 4,
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(row.HasSameBits);
        Assert.Equal(row.LastLoss, row.SplitLoss);
        Assert.NotEqual(row.FirstLoss, row.LastLoss);
        Assert.InRange(row.Accuracy, 0, 1);
    }

    /// <summary>A file of images of all classes in turn, each black but for one red pixel in row 10, column 8.</summary>
    private void Generate()
    {
        var bytes = new byte[Cifar10.FileImages * (1 + Cifar10.Values)];
        for (var i = 0; i < Cifar10.FileImages; i++)
        {
            bytes[i * (1 + Cifar10.Values)] = (byte)(i % 10);
            bytes[(i * (1 + Cifar10.Values)) + 1 + (10 * 32) + 8] = 200;
        }

        File.WriteAllBytes(Path.Combine(_folder, "test_batch.bin"), bytes);
    }
}
