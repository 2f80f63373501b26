using Sensor;
using StreamLearn.Fleets;

return await CommandRunner.RunAsync(SensorCommands.Create(), args).ConfigureAwait(false);
