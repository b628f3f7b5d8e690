// Java's admin client against a cluster of three brokers: everything that it offers for topics, configs, records,
// leaders and replicas. Ends with an exception where an answer is not what Kafka's would be.
//
//   Administer ADDRESS
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.NoReassignmentInProgressException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public final class Administer {
  private static final long PATIENCE_MS = 30_000;
  private static final ConfigResource MADE = new ConfigResource(ConfigResource.Type.TOPIC, "made");

  private final Admin admin;
  private final String address;

  private Administer(Admin admin, String address) {
    this.admin = admin;
    this.address = address;
  }

  public static void main(String[] arguments) throws Exception {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    Properties settings = new Properties();
    settings.put("bootstrap.servers", arguments[0]);
    try (Admin admin = Admin.create(settings)) {
      Administer all = new Administer(admin, arguments[0]);
      all.cluster();
      all.topics();
      all.configs();
      all.partitions();
      all.records();
      all.directories();
      all.reassignments();
      all.deletion();
    }
    System.out.println("done");
  }

  private void cluster() throws Exception {
    expect(ids(admin.describeCluster().nodes().get()), Set.of(1, 2, 3));
    expect(Set.of(1, 2, 3).contains(admin.describeCluster().controller().get().id()), true);
    QuorumInfo quorum = admin.describeMetadataQuorum().quorumInfo().get();
    Set<Integer> voters = new HashSet<>();
    for (QuorumInfo.ReplicaState voter : quorum.voters()) voters.add(voter.replicaId());
    expect(voters, Set.of(1, 2, 3));
    expect(voters.contains(quorum.leaderId()), true);
    expect(admin.describeFeatures().featureMetadata().get().finalizedFeatures()
               .containsKey("metadata.version"), true);
  }

  private void topics() throws Exception {
    NewTopic made = new NewTopic("made", 3, (short) 3).configs(Map.of("retention.ms", "3600000"));
    admin.createTopics(List.of(made)).all().get();
    waitFor("every replica is in sync", () -> {
      for (TopicPartitionInfo partition : describe("made").partitions()) {
        if (partition.leader() == null || partition.isr().size() != 3) return false;
      }
      return describe("made").partitions().size() == 3;
    });
    refused(TopicExistsException.class, () -> admin.createTopics(List.of(made)).all().get());
    refused(InvalidReplicationFactorException.class,
            () -> admin.createTopics(List.of(new NewTopic("wide", 1, (short) 4))).all().get());
    refused(InvalidConfigurationException.class,
            () -> admin.createTopics(List.of(new NewTopic("odd", 1, (short) 1)
                                                 .configs(Map.of("retention.ms", "soon")))).all().get());
    expect(admin.listTopics().names().get(), Set.of("made"));
  }

  private void configs() throws Exception {
    ConfigEntry retention = config(MADE).get("retention.ms");
    expect(retention.value(), "3600000");
    expect(retention.source(), ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
    alter(MADE, "max.message.bytes", "2000000", AlterConfigOp.OpType.SET);
    alter(MADE, "retention.ms", "", AlterConfigOp.OpType.DELETE);
    waitFor("the topic's configs change", () -> config(MADE).get("max.message.bytes").value().equals("2000000")
        && config(MADE).get("retention.ms").isDefault());
    ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "2");
    expect(config(broker).containsKey("log.segment.bytes"), true);
    alter(broker, "log.retention.ms", "7200000", AlterConfigOp.OpType.SET);
    waitFor("the broker's configs change", () -> config(broker).get("log.retention.ms").value().equals("7200000"));
    refused(InvalidConfigurationException.class, () -> {
      alter(MADE, "max.message.bytes", "many", AlterConfigOp.OpType.SET);
      return null;
    });
  }

  private void partitions() throws Exception {
    admin.createPartitions(Map.of("made", NewPartitions.increaseTo(5))).all().get();
    waitFor("there are five partitions", () -> describe("made").partitions().size() == 5);
    refused(InvalidPartitionsException.class,
            () -> admin.createPartitions(Map.of("made", NewPartitions.increaseTo(4))).all().get());
  }

  private void records() throws Exception {
    TopicPartition first = new TopicPartition("made", 0);
    produce(first, 10);
    expect(admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(6))).lowWatermarks().get(first).get()
               .lowWatermark(), 6L);
    expect(offset(first, OffsetSpec.earliest()), 6L);
    expect(offset(first, OffsetSpec.latest()), 10L);
  }

  private void directories() throws Exception {
    TopicPartition first = new TopicPartition("made", 0);
    var found = admin.describeLogDirs(List.of(1, 2, 3)).allDescriptions().get();
    expect(found.keySet(), Set.of(1, 2, 3));
    for (var directories : found.values()) {
      expect(directories.size(), 1);
      for (var directory : directories.values()) {
        expect(directory.replicaInfos().get(first).size() > 0, true);
      }
    }
  }

  private void reassignments() throws Exception {
    TopicPartition moved = new TopicPartition("moved", 0);
    admin.createTopics(List.of(new NewTopic("moved", Map.of(0, List.of(1, 2))))).all().get();
    waitFor("it leads", () -> leader(moved) == 1);
    produce(moved, 2000);
    refused(ElectionNotNeededException.class,
            () -> admin.electLeaders(ElectionType.PREFERRED, Set.of(moved)).partitions().get().get(moved));
    admin.alterPartitionReassignments(Map.of(moved, target(3, 2))).all().get();
    waitFor("it has moved", () -> admin.listPartitionReassignments().reassignments().get().isEmpty()
        && replicas(moved).equals(List.of(3, 2)));
    // The broker that is asked may not have heard of it yet.
    int[] told = {0};
    waitFor("one of its replicas leads", () -> Set.of(2, 3).contains(told[0] = leader(moved)));
    // As a second preference its replica stays, so that the leader does, too.
    int leads = told[0];
    int other = 5 - leads;
    admin.alterPartitionReassignments(Map.of(moved, target(other, leads))).all().get();
    waitFor("the order changes", () -> replicas(moved).equals(List.of(other, leads)));
    if (leader(moved) == leads) {
      expect(admin.electLeaders(ElectionType.PREFERRED, Set.of(moved)).partitions().get().get(moved),
             Optional.empty());
    }
    waitFor("the preferred one leads", () -> leader(moved) == other);
    expect(offset(moved, OffsetSpec.latest()), 2000L);
    refused(NoReassignmentInProgressException.class,
            () -> admin.alterPartitionReassignments(Map.of(moved, Optional.empty())).all().get());
  }

  private void deletion() throws Exception {
    admin.deleteTopics(List.of("made")).all().get();
    waitFor("the topic is gone", () -> admin.listTopics().names().get().equals(Set.of("moved")));
    refused(UnknownTopicOrPartitionException.class, () -> admin.deleteTopics(List.of("made")).all().get());
  }

  private void produce(TopicPartition partition, int count) throws Exception {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", address);
    settings.put("acks", "all");
    try (KafkaProducer<byte[], byte[]> producer =
             new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<java.util.concurrent.Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < count; ++i) {
        byte[] value = ("record " + i).getBytes();
        futures.add(producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), null, value)));
      }
      for (var future : futures) future.get();
    }
  }

  private TopicDescription describe(String topic) throws Exception {
    try {
      return admin.describeTopics(List.of(topic)).topicNameValues().get(topic).get();
    } catch (ExecutionException refusal) {
      // A broker may hear of a topic a little later than the one that was asked to make it.
      if (!(refusal.getCause() instanceof UnknownTopicOrPartitionException)) throw refusal;
      return new TopicDescription(topic, false, List.of());
    }
  }

  private TopicPartitionInfo describe(TopicPartition partition) throws Exception {
    TopicDescription topic = describe(partition.topic());
    return topic.partitions().isEmpty() ? null : topic.partitions().get(partition.partition());
  }

  private int leader(TopicPartition partition) throws Exception {
    TopicPartitionInfo info = describe(partition);
    return info == null || info.leader() == null ? -1 : info.leader().id();
  }

  private List<Integer> replicas(TopicPartition partition) throws Exception {
    List<Integer> found = new ArrayList<>();
    for (Node node : describe(partition).replicas()) found.add(node.id());
    return found;
  }

  private Map<String, ConfigEntry> config(ConfigResource resource) throws Exception {
    Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
    Map<String, ConfigEntry> found = new HashMap<>();
    for (ConfigEntry entry : config.entries()) found.put(entry.name(), entry);
    return found;
  }

  private void alter(ConfigResource resource, String name, String value, AlterConfigOp.OpType how) throws Exception {
    Collection<AlterConfigOp> change = List.of(new AlterConfigOp(new ConfigEntry(name, value), how));
    admin.incrementalAlterConfigs(Map.of(resource, change)).all().get();
  }

  private long offset(TopicPartition partition, OffsetSpec which) throws Exception {
    return admin.listOffsets(Map.of(partition, which)).partitionResult(partition).get().offset();
  }

  private static Optional<NewPartitionReassignment> target(Integer... replicas) {
    return Optional.of(new NewPartitionReassignment(List.of(replicas)));
  }

  private static Set<Integer> ids(Collection<Node> nodes) {
    Set<Integer> found = new HashSet<>();
    for (Node node : nodes) found.add(node.id());
    return found;
  }

  private static void expect(Object actual, Object expected) {
    if (!actual.equals(expected)) throw new AssertionError("expected " + expected + ", found " + actual);
  }

  private static void refused(Class<?> error, Callable<?> action) throws Exception {
    Object answer;
    try {
      answer = action.call();
      // Elections answer with an error a partition.
      if (answer instanceof Optional<?> told && told.isPresent()) answer = told.get();
    } catch (ExecutionException refusal) {
      answer = refusal.getCause();
    }
    if (!error.isInstance(answer)) throw new AssertionError("expected " + error + ", found " + answer);
  }

  private static void waitFor(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.currentTimeMillis() + PATIENCE_MS;
    while (!condition.call()) {
      if (System.currentTimeMillis() > deadline) throw new AssertionError("not in time: " + what);
      Thread.sleep(50);
    }
  }
}
