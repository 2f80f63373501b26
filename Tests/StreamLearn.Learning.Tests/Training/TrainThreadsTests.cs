using StreamLearn.Samples;

namespace StreamLearn.Learning.Tests;

/// <summary>Training with a second thread, within the memory of its plan.</summary>
public sealed class TrainThreadsTests
{
    [Theory, InlineData(1), InlineData(2)]
    public void Training_on_some_threads_gives_the_weights_of_one(int threads)
    {
        var network = ReferenceModels.HarConv();
        var schema = new Schema([.. Enumerable.Range(0, 9).Select(c => Field.Channel($"c{c}", Unit.One)), Field.Label()]);

        Assert.Equal(Learned(1), Learned(threads));

        string Learned(int some)
        {
            using var probe = OperatorProbe.From<Batch>(
                (p, flow) => OperatorProbe.Use(flow.Train(network, p.Input<Weights>("models"), new()
                {
                    Optimizer = new Sgd(0.05f, 0.9f, float.PositiveInfinity),
                    StepsPerRow = 2,
                    StepsPerUpdate = 6,
                    StartAfterRows = 1,
                    BatchRows = 8,
                    Threads = some,
                })), schema, guard: false);
            var random = new RandomStream(3, "second-thread-train");
            var batch = probe.Pool.Rent(schema, 3 * 128);
            for (var c = 0; c < 9; c++)
            {
                foreach (ref var value in batch.Columns[c].Writable<float>()) { value = (float)random.NextGaussian(); }
            }

            for (var i = 0; i < batch.Rows; i++)
            {
                batch.Columns[9].Writable<int>()[i] = i / 128;
                batch.Columns[9].SetValid(i, true);
            }

            probe.Send(batch);
            return string.Join(' ', probe.Take<WeightDelta>().Values.Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Theory, InlineData(1), InlineData(8), InlineData(33)]
    public void Its_memory_is_in_the_plan_and_is_given_back(int rows)
    {
        var optimizer = new Sgd(0.01f);
        Network[] networks =
        [
            ReferenceModels.Vgg5(), ReferenceModels.CnnSmall(), ReferenceModels.Mlp(784, [300], 10),
            new(new(16, 16, 16), 3, [new Residual(new Conv2d(16, 3, 1, 1), new BatchNorm(), new Relu(), new Conv2d(16, 3, 1, 1))],
                [new(0, new Dense(3))]),
        ];
        foreach (var network in networks)
        {
            using var second = new SecondThread();
            var memory = new Workspace(second);
            float[] weights = [.. network.Initial.Values], gradients = new float[weights.Length], state = new float[weights.Length];
            void Step(int of) =>
                network.Step(weights, new(new float[of * network.Plan.Input.Size], new int[of]), optimizer, state, 1, gradients, memory);
            Step(rows);
            Assert.InRange(second.ReservedBytes, 1, long.MaxValue);
            Assert.InRange(memory.ReservedBytes, 1, network.Memory(rows, optimizer, threads: 2).ActivationBytes);
            memory.Trim();
            Assert.Equal(0, memory.ReservedBytes);
            var free = network.Memory(rows, optimizer).TrainingBytes;       // enough for one thread, not for two
            var most = BatchSizeTuner.MaxRows(network, optimizer, free, rows, threads: 2);
            Assert.InRange(most, 0, rows - 1);
            if (most == 0) { continue; }
            Step(most);
            Assert.InRange(memory.ReservedBytes + (4L * (weights.Length + gradients.Length + state.Length)), 1, free);
        }
    }
}
