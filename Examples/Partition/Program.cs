using Partition;
using StreamLearn.Planning;
using StreamLearn.Samples;

foreach (var (name, model) in new[] { ("vgg5", ReferenceCosts.Vgg5), ("vgg8", ReferenceCosts.Vgg8) })
{
    foreach (var (bytes, rate, drops) in new[] { (4.0, 75e6, false), (1.0, 75e6, false), (4.0, 1e9, false), (4.0, 75e6, true) })
    {
        var objective = new Objective { Alpha = 1, BytesPerValue = bytes, BytesPerGradient = bytes };
        var view = TestBed.View(model, rate, rate, TestBed.FedAdapt.AsSpan());
        ResourceView World(int round, double elapsed) => drops && round >= 50
            ? TestBed.WithLink(view, TestBed.FedAdapt[(round - 50) / 10].Name, 10e6, 10e6) : view;
        var local = PlanValue.Local(model, view, objective);
        var training = new FedAdaptTraining { Agents = int.Parse(args[1]), SlowBitsPerSecond = drops ? 15e6 : 0,
            Simulation = new() { DropBitsPerSecond = drops ? 10e6 : null } };
        var best = new ExhaustiveSplit(DeviceGroups.Of(local.Routes.Select(r => r.Cost.BatchSeconds))) { Splits = OffloadPoints.Of(model).Splits }.Plan(model, view, objective);
        Console.WriteLine($"{name} {bytes} {rate} {drops} points {string.Join(',', OffloadPoints.Of(model).Splits)} exh {local.Seconds / best.Seconds:F3}");
        for (var seed = 0; seed < int.Parse(args[0]); seed++)
        {
            var t = TimeProvider.System.GetTimestamp();
            var planner = training.Train(model, view, objective, seed);
            var took = TimeProvider.System.GetElapsedTime(t).TotalSeconds;
            var rounds = PlayedRounds.Play(model, objective, planner, 100, World, local);
            var fl = PlayedRounds.Play(model, objective, FixedSplit.All, 100, World).Seconds();
            Console.WriteLine($"  {seed} last {fl / 100 / rounds[49].Plan.Seconds:F3} total {rounds.Seconds() / fl:F4} splits {string.Join(',', rounds[49].Plan.Routes.Select(r => r.Split))} sum {rounds[49].Plan.Routes.Sum(r => r.Cost.BatchSeconds):F2} {took:F2} s");
        }
    }
}
